import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { gpuMemoryInUse, gpuMemoryOf } from './gpu-memory.js'

const MIB = 2 ** 20
const path = process.env.PATH
const folders: string[] = []

afterEach(() => {
  process.env.PATH = path
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true })
})

/** Puts a program named nvidia-smi first on the PATH that answers the two questions with these lines. */
function nvidiaSmi(apps: string, gpus: string): void {
  const folder = mkdtempSync(join(tmpdir(), 'hearkit-smi-'))
  folders.push(folder)
  const script = `#!/bin/sh\ncase "$1" in\n--query-compute-apps=*) printf '${apps}';;\n*) printf '${gpus}';;\nesac\n`
  writeFileSync(join(folder, 'nvidia-smi'), script)
  chmodSync(join(folder, 'nvidia-smi'), 0o755)
  process.env.PATH = `${folder}${delimiter}${path}`
}

test('memory of the asked processes is added up over GPUs', async () => {
  nvidiaSmi('17, 512\\n99, 4000\\n17, 100\\n18, 3\\n', '5000\\n')
  expect(await gpuMemoryOf([17, 18], 0)).toBe(615 * MIB)
})

test('where no process is shown as ours, what is used beyond the start counts', async () => {
  nvidiaSmi('', '700\\n300\\n')
  expect(await gpuMemoryInUse()).toBe(1000 * MIB)
  expect(await gpuMemoryOf([17], 900 * MIB)).toBe(100 * MIB)
  expect(await gpuMemoryOf([17], 1200 * MIB)).toBe(0)
})

test('a figure that nvidia-smi does not know is left out', async () => {
  nvidiaSmi('17, [N/A]\\n', '[N/A]\\n40\\n')
  expect(await gpuMemoryOf([17], 0)).toBe(40 * MIB)
})

test('without nvidia-smi there is no figure', async () => {
  process.env.PATH = join(tmpdir(), 'no-such-folder')
  expect(await gpuMemoryInUse()).toBeNull()
  expect(await gpuMemoryOf([17], 0)).toBeNull()
})
