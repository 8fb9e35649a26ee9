import type { Source, TableOfClips, TaskConfig, TaskDefinition } from './task.js'
import { modeConfig, modeSources } from './task-mode.js'

/** Ids of the metrics over clips with one row of scores each. */
export const SCENE_METRICS = ['top1_acc', 'pitch_acc', 'chroma_acc', 'mAP', 'd_prime', 'aucroc']

/** Ids of the metrics over sound events. */
export const EVENT_METRICS = [
  'event_onset_200ms_fms',
  'event_onset_50ms_fms',
  'event_onset_offset_50ms_20perc_fms',
  'segment_1s_er',
]

/** Two settings that do not go together: where, and what was expected there. */
interface Conflict {
  readonly path: readonly string[]
  readonly message: string
}

/** What in a task of the right shape does not go together; each conflict once, however many modes have it. */
export function taskConflicts(task: TaskDefinition): Conflict[] {
  const modes = Object.keys(task.modes)
  const conflicts: Conflict[] = []
  const add = (message: string, ...path: string[]) => {
    if (!conflicts.some((known) => known.message === message && known.path.join() === path.join()))
      conflicts.push({ path, message })
  }
  if (!modes.includes(task.config.default_mode))
    add(`expected one of the modes (${modes.join(', ')})`, 'config', 'default_mode')
  for (const mode of Object.keys(task.sources ?? {}))
    if (!modes.includes(mode)) add(`expected a mode of the task (${modes.join(', ')})`, 'sources', mode)
  for (const mode of modes) {
    if (modeSources(task, mode).length === 0)
      add(`expected the sources of mode ${mode}, or download_urls in its configuration`, 'sources', mode)
    for (const [key, message] of configConflicts(modeConfig(task, mode)))
      add(message, ...(key in task.modes[mode] ? ['modes', mode] : ['config']), key)
    if (typeof task.clips !== 'function')
      for (const [key, message] of tableConflicts(task.clips, modeConfig(task, mode)))
        add(message, 'clips', key)
  }
  return conflicts
}

function* configConflicts(config: TaskConfig): Generator<[key: string, message: string]> {
  const kind = config.embedding_type
  const metrics = kind === 'event' ? EVENT_METRICS : SCENE_METRICS
  if (!config.evaluation.every((id) => metrics.includes(id)))
    yield ['evaluation', `expected metrics over ${kind}s: ${metrics.join(', ')}`]
  if (kind === 'event' && config.sample_duration === null)
    yield ['sample_duration', 'expected seconds, as events are cut where their clip ends']
  const hasFolds = config.split_mode !== 'trainvaltest'
  const refused = hasFolds
    ? ['split_percentage', 'max_task_duration_by_split']
    : ['nfolds', 'max_task_duration_by_fold']
  for (const key of refused)
    if (config[key] !== undefined) yield [key, `expected none with split_mode ${config.split_mode}`]
  if (hasFolds && config.nfolds === undefined)
    yield ['nfolds', `expected a number of folds with split_mode ${config.split_mode}`]
  if ((config.download_urls as readonly Source[] | undefined)?.some((source) => 'folder' in source))
    yield [
      'download_urls',
      'expected addresses, as they go into task_metadata.json; folders belong in sources',
    ]
  const percentages = Object.values(config.split_percentage ?? { all: 100 })
  if (percentages.some((share) => share < 0) || percentages.reduce((sum, share) => sum + share) !== 100)
    yield ['split_percentage', 'expected shares that add up to 100']
}

function* tableConflicts(table: TableOfClips, config: TaskConfig): Generator<[key: string, message: string]> {
  const needsTimes = config.embedding_type === 'event'
  for (const key of ['start', 'end', 'timeUnit'] as const)
    if ((table[key] !== undefined) !== needsTimes)
      yield [
        key,
        needsTimes
          ? 'expected, as an event has a start, an end and their unit'
          : 'expected in event tasks only',
      ]
  if (config.split_mode === 'presplit_kfold' && table.split === undefined)
    yield ['split', 'expected the column of the folds, which presplit_kfold takes as they are']
  if (config.split_mode === 'new_split_kfold' && table.split !== undefined)
    yield ['split', 'expected none, as new_split_kfold makes folds of its own']
  if (table.splitNames !== undefined && table.split === undefined)
    yield ['splitNames', 'expected beside split only']
  const splits = splitNamesOf(config)
  if (!Object.values(table.splitNames ?? {}).every((name) => splits.includes(name)))
    yield ['splitNames', `expected splits among ${splits.join(', ')}`]
}

/** The splits that a task's prepared folder has: train, valid and test, or fold00, fold01 and so on. */
export function splitNamesOf(config: TaskConfig): string[] {
  if (config.split_mode === 'trainvaltest') return ['train', 'valid', 'test']
  return Array.from({ length: config.nfolds ?? 0 }, (_, fold) => `fold${String(fold).padStart(2, '0')}`)
}
