// Builds the package: AssemblyScript kernels to WebAssembly (embedded as base64 in a generated module, so
// that the rooms that may not touch files can load them), then TypeScript to dist/, with the one file that is Python.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const assembly = join(root, 'src/num/kernels/assembly')
const generated = join(root, 'src/num/kernels/wasm.generated.ts')
const bin = (name, file) => join(root, 'node_modules', name, 'bin', file)

function sourceHash() {
  const hash = createHash('sha256').update(readFileSync(fileURLToPath(import.meta.url)))
  for (const file of readdirSync(assembly).sort())
    if (file.endsWith('.ts')) hash.update(file).update(readFileSync(join(assembly, file)))
  return hash.digest('hex')
}

function compileKernels(folder, relaxed) {
  const out = join(folder, relaxed ? 'relaxed.wasm' : 'simd.wasm')
  const features = ['--enable', 'simd', ...(relaxed ? ['--enable', 'relaxed-simd'] : [])]
  execFileSync(
    process.execPath,
    [bin('assemblyscript', 'asc.js'), join(assembly, 'index.ts'), '--outFile', out]
      .concat(['-O3', '--noAssert', '--runtime', 'stub', '--importMemory', '--use', 'abort='])
      .concat(features),
    { stdio: ['ignore', 'inherit', 'inherit'], cwd: root },
  )
  return readFileSync(out).toString('base64')
}

const hash = sourceHash()
if (!existsSync(generated) || !readFileSync(generated, 'utf8').includes(hash)) {
  const folder = mkdtempSync(join(tmpdir(), 'hearkit-kernels-'))
  try {
    const simd = compileKernels(folder, false)
    const relaxed = compileKernels(folder, true)
    const lines = [
      `// Made by scripts/build.mjs from src/num/kernels/assembly (${hash}).`,
      `export const simdWasmBase64 =\n  '${simd}'`,
      `export const relaxedSimdWasmBase64 =\n  '${relaxed}'`,
    ]
    writeFileSync(generated, `${lines.join('\n')}\n`)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

execFileSync(process.execPath, [bin('typescript', 'tsc'), '-p', join(root, 'tsconfig.build.json')], {
  stdio: 'inherit',
  cwd: root,
})
copyFileSync(join(root, 'src/model/python/bridge.py'), join(root, 'dist/model/python/bridge.py'))
if (existsSync(join(root, 'dist/cli/main.js'))) chmodSync(join(root, 'dist/cli/main.js'), 0o755)
