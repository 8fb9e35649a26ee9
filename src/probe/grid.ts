import { HearError } from '../base/errors.js'
import { PythonRandom } from '../num/python-random.js'
import { INITIALIZATIONS, type Initialization } from './net/initialise.js'

/** One cell of the hyperparameter grid. */
export interface GridPoint {
  readonly hiddenLayers: number
  readonly hiddenDim: number
  readonly dropout: number
  readonly learningRate: number
  readonly initialization: Initialization
  /** Validations without improvement before training stops. */
  readonly patience: number
  readonly maxEpochs: number
  readonly checkValEveryNEpoch: number
  readonly batchSize: number
}

export type Grid = { readonly [Key in keyof GridPoint]: readonly GridPoint[Key][] }

export const GRID_NAMES = ['default', 'fast', 'faster'] as const
export type GridName = (typeof GRID_NAMES)[number]

/** Grid points that heareval tries of a grid unless told otherwise. */
export const DEFAULT_GRID_POINTS = 8

const DEFAULT_GRID: Grid = {
  hiddenLayers: [1, 2],
  hiddenDim: [1024],
  dropout: [0.1],
  learningRate: [3.2e-3, 1e-3, 3.2e-4, 1e-4],
  initialization: INITIALIZATIONS,
  patience: [20],
  maxEpochs: [500],
  checkValEveryNEpoch: [3],
  batchSize: [1024],
}

/** The grids of heareval 2021.1.3. Order matters: it decides which cells are tried. */
const GRIDS: Record<GridName, Grid> = {
  default: DEFAULT_GRID,
  fast: { ...DEFAULT_GRID, maxEpochs: [10, 50], checkValEveryNEpoch: [3, 10] },
  faster: {
    ...DEFAULT_GRID,
    hiddenLayers: [0, 1],
    hiddenDim: [64, 128],
    patience: [1, 3],
    maxEpochs: [10],
    checkValEveryNEpoch: [1],
  },
}

/** heareval's names of the parameters; scikit-learn's ParameterGrid sorts by them, the last one fastest. */
const PARAMETER_NAMES: Record<keyof GridPoint, string> = {
  batchSize: 'batch_size',
  checkValEveryNEpoch: 'check_val_every_n_epoch',
  dropout: 'dropout',
  hiddenDim: 'hidden_dim',
  hiddenLayers: 'hidden_layers',
  initialization: 'initialization',
  learningRate: 'lr',
  maxEpochs: 'max_epochs',
  patience: 'patience',
}

/** heareval validates this task every tenth epoch, by its name (wart). */
const DCASE_TASK = 'dcase2016_task2'

export interface GridRequest {
  readonly grid: GridName
  readonly gridPoints: number
  readonly seed: number
  readonly taskName: string
  /** `evaluation_params.task_specific_param_grid` of the task, keys in heareval's names. */
  readonly taskSpecific?: Readonly<Record<string, unknown>>
}

/**
 * The grid points to try, in heareval's order: all cells in the order of scikit-learn's ParameterGrid, shuffled by
 * Python's random with the seed, the first `gridPoints` of them.
 * @throws HearError for a task's own grid with unknown parameters or values of the wrong kind.
 */
export function planGrid({ grid, gridPoints, seed, taskName, taskSpecific }: GridRequest): GridPoint[] {
  return new PythonRandom(seed).shuffle(cells(gridOf(grid, taskName, taskSpecific))).slice(0, gridPoints)
}

function gridOf(name: GridName, taskName: string, taskSpecific: GridRequest['taskSpecific']): Grid {
  let grid = GRIDS[name]
  if (taskName === DCASE_TASK) grid = { ...grid, checkValEveryNEpoch: [10] }
  if (taskSpecific !== undefined) grid = { ...grid, ...parseTaskGrid(taskSpecific) }
  return grid
}

/**
 * The grid of the linear probe of protocol hear-2026: no hidden layer, every learning rate and initialisation of the
 * grid, the rest as for the MLP; all of its cells, in ParameterGrid's order.
 */
export function planLinearGrid({
  grid,
  taskName,
  taskSpecific,
}: Omit<GridRequest, 'gridPoints' | 'seed'>): GridPoint[] {
  const chosen = gridOf(grid, taskName, taskSpecific)
  return cells({ ...chosen, hiddenLayers: [0], hiddenDim: [chosen.hiddenDim[0]] })
}

function cells(grid: Grid): GridPoint[] {
  let points: Partial<Record<keyof GridPoint, unknown>>[] = [{}]
  const names = (Object.keys(PARAMETER_NAMES) as (keyof GridPoint)[]).sort((a, b) =>
    PARAMETER_NAMES[a] < PARAMETER_NAMES[b] ? -1 : 1,
  )
  for (const name of names)
    points = points.flatMap((point) => grid[name].map((value) => ({ ...point, [name]: value })))
  return points as GridPoint[]
}

function parseTaskGrid(taskSpecific: Readonly<Record<string, unknown>>): Partial<Grid> {
  const parsed: Record<string, unknown[]> = {}
  for (const [name, values] of Object.entries(taskSpecific)) {
    const key = (Object.keys(PARAMETER_NAMES) as (keyof GridPoint)[]).find((k) => PARAMETER_NAMES[k] === name)
    const valid =
      Array.isArray(values) && values.length > 0 && key !== undefined && values.every((v) => isValid(key, v))
    if (!valid)
      throw new HearError(
        'probe/bad-task-grid',
        `task_specific_param_grid: "${name}": ${JSON.stringify(values)} is not understood.`,
        {
          hint: `Give a list of values for one of ${Object.values(PARAMETER_NAMES).join(', ')} in the task's evaluation_params.`,
        },
      )
    parsed[key] = values
  }
  return parsed
}

function isValid(key: keyof GridPoint, value: unknown): boolean {
  if (key === 'initialization') return (INITIALIZATIONS as readonly unknown[]).includes(value)
  if (typeof value !== 'number' || !Number.isFinite(value)) return false
  if (key === 'learningRate') return value > 0
  if (key === 'dropout') return value >= 0 && value < 1
  return Number.isInteger(value) && value >= (key === 'hiddenLayers' ? 0 : 1)
}

/** `hparams` of heareval's test.predicted-scores.json: sorted names, classes as Python prints them. */
export function hearevalHparams(point: GridPoint): Record<string, string | number | boolean> {
  return {
    batch_size: point.batchSize,
    check_val_every_n_epoch: point.checkValEveryNEpoch,
    dropout: point.dropout,
    embedding_norm: "<class 'torch.nn.modules.linear.Identity'>",
    hidden_dim: point.hiddenDim,
    hidden_layers: point.hiddenLayers,
    hidden_norm: "<class 'torch.nn.modules.batchnorm.BatchNorm1d'>",
    initialization: `<function ${point.initialization}>`,
    lr: point.learningRate,
    max_epochs: point.maxEpochs,
    norm_after_activation: false,
    optim: "<class 'torch.optim.adam.Adam'>",
    patience: point.patience,
  }
}
