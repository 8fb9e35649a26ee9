import { createRequire } from 'node:module'
import { HearError } from '../../base/errors.js'
import type { KernelMemory } from '../memory.js'
import type { Gemm } from './gemm.js'

type NativeFunction = (...args: unknown[]) => unknown
interface Koffi {
  load(path: string): { func(declaration: string): NativeFunction }
}

const LIBRARIES: Record<string, string[]> = {
  linux: ['libopenblas.so.0', 'libopenblas.so'],
  darwin: ['libopenblas.dylib', '/opt/homebrew/opt/openblas/lib/libopenblas.dylib'],
  win32: ['libopenblas.dll'],
}

const ROW_MAJOR = 101
const NO_TRANS = 111
const TRANS = 112

const HINT =
  'Install OpenBLAS (Debian: apt-get install libopenblas0; macOS: brew install openblas) and `npm install koffi`, ' +
  'or leave --gemm out.'

/**
 * Matrix products by the system's OpenBLAS, one thread. Opt-in: needs the library and the optional package
 * `koffi`.
 * @throws HearError when either is missing.
 */
export function createOpenblasGemm(memory: KernelMemory): Gemm {
  const { sgemm, version } = loadOpenblas()
  return {
    kind: 'openblas',
    version,
    bind({ m, n, k, transB }, a, b, c) {
      const view = (offset: number, length: number) => memory.f32.subarray(offset, offset + length)
      const [A, B, C] = [view(a, m * k), view(b, n * k), view(c, m * n)]
      const trans = transB ? TRANS : NO_TRANS
      const ldb = transB ? k : n
      return () => {
        sgemm(ROW_MAJOR, NO_TRANS, trans, m, n, k, 1, A, k, B, ldb, 0, C, n)
      }
    },
  }
}

let loaded: { sgemm: NativeFunction; version: string } | undefined

function loadOpenblas(): { sgemm: NativeFunction; version: string } {
  if (loaded !== undefined) return loaded
  const koffi = loadKoffi()
  let failure: unknown
  for (const path of LIBRARIES[process.platform] ?? []) {
    try {
      const library = koffi.load(path)
      const sgemm = library.func(
        'void cblas_sgemm(int, int, int, int, int, int, float, void*, int, void*, int, float, void*, int)',
      )
      library.func('void openblas_set_num_threads(int)')(1)
      const config = String(library.func('const char *openblas_get_config()')())
      loaded = { sgemm, version: config.trim() }
      return loaded
    } catch (cause) {
      failure = cause
    }
  }
  throw new HearError(
    'gemm/no-openblas',
    `--gemm openblas was asked for, but no OpenBLAS library was found (looked for ${(LIBRARIES[process.platform] ?? []).join(', ')}).`,
    { hint: HINT, cause: failure },
  )
}

function loadKoffi(): Koffi {
  try {
    return createRequire(import.meta.url)('koffi') as Koffi
  } catch (cause) {
    throw new HearError(
      'gemm/no-koffi',
      '--gemm openblas was asked for, but the package koffi is not installed.',
      {
        hint: HINT,
        cause,
      },
    )
  }
}
