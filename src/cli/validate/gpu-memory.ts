import { execFile } from 'node:child_process'

const MIB = 2 ** 20
/** nvidia-smi answers in well under a second, unless a driver hangs. */
const PATIENCE_MS = 5000

/**
 * Memory that processes hold on NVIDIA GPUs, in bytes, through nvidia-smi; null where there is none.
 *
 * In a container nvidia-smi may show no process, or under other ids: what is used on all GPUs beyond `baselineBytes`
 * counts then, which is right as long as nobody else begins to use them.
 */
export async function gpuMemoryOf(pids: readonly number[], baselineBytes: number): Promise<number | null> {
  const apps = await ask('--query-compute-apps=pid,used_memory')
  if (apps === null) return null
  const own = apps.filter(([pid]) => pids.includes(pid))
  if (own.length > 0) return own.reduce((sum, [, mib]) => sum + mib * MIB, 0)
  const used = await gpuMemoryInUse()
  return used === null ? null : Math.max(0, used - baselineBytes)
}

/** Memory in use on all NVIDIA GPUs, in bytes; null where there is none. */
export async function gpuMemoryInUse(): Promise<number | null> {
  const gpus = await ask('--query-gpu=memory.used')
  return gpus === null ? null : gpus.reduce((sum, [mib]) => sum + mib * MIB, 0)
}

/** Rows of numbers; NaN where nvidia-smi writes that it does not know, as it does of some GPUs. */
function ask(query: string): Promise<number[][] | null> {
  return new Promise((resolve) => {
    const args = [query, '--format=csv,noheader,nounits']
    execFile('nvidia-smi', args, { timeout: PATIENCE_MS }, (error, stdout) => {
      if (error !== null) return resolve(null)
      const rows = stdout.split('\n').filter((line) => line.trim() !== '')
      const numbers = rows.map((line) => line.split(',').map(Number))
      resolve(numbers.filter((row) => row.every(Number.isFinite)))
    })
  })
}
