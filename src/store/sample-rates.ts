import { readdir } from 'node:fs/promises'
import { withFileErrors } from './file-errors.js'

/** Rates in Hz whose audio a task folder holds, ascending: its folders, or links to folders, that are named by a number. */
export async function listSampleRates(dir: string): Promise<number[]> {
  const entries = await withFileErrors('read', dir, () => readdir(dir, { withFileTypes: true }))
  return entries
    .filter((entry) => (entry.isDirectory() || entry.isSymbolicLink()) && /^[1-9]\d*$/.test(entry.name))
    .map((entry) => Number(entry.name))
    .sort((a, b) => a - b)
}
