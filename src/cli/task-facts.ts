import { PythonFloat } from '../store/python-json.js'
import type { Source, TaskConfig, TaskDefinition } from '../tasks/task.js'

/** The splits of a task in words: HEAR's three, folds made by it, or folds that the corpus gives. */
export function splitsInWords(config: TaskConfig): string {
  if (config.split_mode === 'trainvaltest') return 'train, valid, test'
  return `${config.nfolds} ${config.split_mode === 'presplit_kfold' ? 'given folds' : 'folds'}`
}

/** Seconds that are a number or a Python float; null stays. */
export function secondsOf(value: number | PythonFloat | null): number | null {
  return value instanceof PythonFloat ? value.value : value
}

/** What clips are cut or padded to, in words. */
export function clipInWords(config: TaskConfig): string {
  const seconds = secondsOf(config.sample_duration)
  return seconds === null ? 'as it is' : `${seconds} s`
}

/** Modes with the default in front. */
export function modesOf(task: TaskDefinition): string[] {
  const first = task.config.default_mode
  return [first, ...Object.keys(task.modes).filter((mode) => mode !== first)]
}

/** Where files come from, a line for each address or folder: the paths' beginning, the place, and its checksum. */
export function sourceLines(source: Source): (readonly [key: string, place: string, checksum: string])[] {
  const key = [source.split, source.name].filter((part) => part !== undefined).join('/')
  if ('folder' in source) return [[key, source.folder, '']]
  if ('list_url' in source) return [[key, `files listed in ${source.list_url}`, `sha256 ${source.sha256}`]]
  if ('multipart_zip_urls' in source)
    return source.multipart_zip_urls.map(({ url, md5 }) => [key, url, `md5 ${md5}`] as const)
  const checksum = source.md5 === undefined ? `sha256 ${source.sha256}` : `md5 ${source.md5}`
  return [[key, source.url, checksum]]
}
