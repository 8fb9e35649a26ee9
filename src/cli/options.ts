import { availableParallelism } from 'node:os'
import { InvalidArgumentError, Option } from 'commander'
import { GEMM_KINDS, type GemmKind } from '../num/gemm/gemm.js'
import { DEFAULT_PROBE_SEEDS } from '../probe/evaluation.js'
import { DEFAULT_GRID_POINTS, GRID_NAMES, type GridName } from '../probe/grid.js'

/** How scores come about; the two never mix. */
export const PROTOCOLS = ['hear-2021', 'hear-2026'] as const
export type Protocol = (typeof PROTOCOLS)[number]

/** The options that every evaluating command takes. */
export interface EvaluateFlags {
  readonly grid: GridName
  readonly gridPoints: number
  readonly seed: number
  readonly protocol: Protocol
  readonly probeSeeds: number
  readonly gemm: GemmKind | 'auto'
  readonly workers: number
  readonly json: boolean
}

/** A parser of whole numbers of at least `least`, whose refusal names what was given. */
export function wholeNumber(least: number) {
  return (text: string): number => {
    const value = Number(text)
    if (text.trim() === '' || !Number.isSafeInteger(value) || value < least)
      throw new InvalidArgumentError(`Expected a whole number of ${least} or more.`)
    return value
  }
}

/** A list of sample rates such as 16000,44100; each counts once. */
export function sampleRateList(text: string): number[] {
  return [...new Set(text.split(',').map(wholeNumber(1)))]
}

/** Gathers an option that may be given several times. */
export function repeated(value: string, earlier: string[]): string[] {
  return [...earlier, value]
}

export const outOption = () => new Option('--out <dir>', 'folder that the results go to').default('results')

export const jsonOption = () =>
  new Option('--json', 'print one JSON document on stdout; everything else goes to stderr').default(false)

/** How a model is opened, beside its name. */
export const openingOptions = (): Option[] => [
  new Option(
    '--weights <path>',
    'weights of the model; for naive a .npy of its projection, or a folder; for a package or py:MODULE what its function to load takes; an ONNX file brings its own',
  ),
  new Option('--threads <n>', 'threads of an ONNX model').argParser(wholeNumber(1)).default(1),
  new Option('--python <path>', 'the Python that runs py:MODULE; python3 unless given').env('HEAR_PYTHON'),
]

export const gemmOption = () =>
  new Option('--gemm <kind>', 'library that multiplies matrices; auto takes onnxruntime, else wasm')
    .choices(['auto', ...GEMM_KINDS])
    .default('auto')

export const evaluateOptions = (): Option[] => [
  new Option(
    '--protocol <name>',
    'hear-2021 reproduces heareval, to stand beside published scores; hear-2026 is what one would do today: several probe seeds, the grid chosen over all folds, and linear, kNN and few-shot probes beside the MLP',
  )
    .choices([...PROTOCOLS])
    .default('hear-2021'),
  new Option('--probe-seeds <n>', 'probes trained of the chosen grid point (hear-2026)')
    .argParser(wholeNumber(1))
    .default(DEFAULT_PROBE_SEEDS),
  new Option('--grid <name>', 'hyperparameter grid of heareval').choices([...GRID_NAMES]).default('default'),
  new Option('--grid-points <n>', 'how many cells of the grid are tried')
    .argParser(wholeNumber(1))
    .default(DEFAULT_GRID_POINTS),
  new Option('--seed <n>', 'decides the cells that are tried and everything random in training')
    .argParser(wholeNumber(0))
    .default(42),
  gemmOption(),
  new Option('--workers <n>', 'trainings at once; changes the time, never the result')
    .argParser(wholeNumber(1))
    .default(availableParallelism(), 'the number of cores'),
  jsonOption(),
]
