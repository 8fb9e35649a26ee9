import { readdirSync, readFileSync } from 'node:fs'

/** A process and all that it started, and what they hold in memory together. */
export interface ProcessTree {
  readonly pids: readonly number[]
  /** Resident now, in bytes; null where the system does not say. */
  readonly residentBytes: number | null
}

/**
 * Looks at a process and its descendants through /proc, where there is one; elsewhere only the process is known. One
 * that has ended in the meantime does not count.
 */
export function processTree(pid: number): ProcessTree {
  const parents = parentsOfAll()
  if (parents === undefined) return { pids: [pid], residentBytes: null }
  const pids = [pid]
  for (const parent of pids) for (const [child, of] of parents) if (of === parent) pids.push(child)
  const residentBytes = pids.reduce((sum, one) => sum + residentBytesOf(one), 0)
  return { pids, residentBytes }
}

/** Ends a process, those that it started, and the process group that it leads. */
export function endTree(pid: number): void {
  for (const one of processTree(pid).pids.slice(1).toReversed()) end(one)
  // Itself last: it may be this process.
  endGroup(pid)
  end(pid)
}

/** Ends what is left of the process group that a process leads, or led: those of its own that it left behind, too. */
export function endGroup(leader: number): void {
  end(-leader)
}

function end(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It has ended by itself, or leads no group.
  }
}

function parentsOfAll(): Map<number, number> | undefined {
  try {
    const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
    const entries = pids.map((pid) => [Number(pid), statusNumber(Number(pid), 'PPid')] as const)
    return new Map(entries.flatMap(([pid, parent]) => (parent === undefined ? [] : [[pid, parent] as const])))
  } catch {
    return undefined
  }
}

function residentBytesOf(pid: number): number {
  return (statusNumber(pid, 'VmRSS') ?? 0) * 1024
}

/** A number of /proc/<pid>/status, or undefined once the process is gone. */
function statusNumber(pid: number, name: string): number | undefined {
  try {
    const value = new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'))
    return value === null ? undefined : Number(value[1])
  } catch {
    return undefined
  }
}
