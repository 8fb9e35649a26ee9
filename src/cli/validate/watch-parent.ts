import { parentPort } from 'node:worker_threads'
import { endTree } from './process-tree.js'

/** How long a model may go on after the program that asked is gone. */
const POLL_MS = 500

const parent = process.ppid
setInterval(() => {
  if (process.ppid !== parent || !isThere(parent)) endTree(process.pid)
}, POLL_MS)
parentPort?.postMessage('watching')

/** Where a process keeps the number of a parent that has ended, as on Windows. */
function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
