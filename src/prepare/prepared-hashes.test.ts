import { describe, expect, it } from 'vitest'
import { memorySources } from '../../test/task-sources.js'
import { taskByName } from '../tasks/registry.js'
import type { TaskDefinition } from '../tasks/task.js'
import { planTask } from './plan/plan-task.js'
import { isDecidedByRecipe, planHash, recipeHash } from './prepared-hashes.js'
import type { OpenSources } from './sources/open-sources.js'

const rows = Array.from({ length: 9 }, (_, i) => ({
  path: `rec/c${i}.wav`,
  label: `l${i % 2}`,
  split: 'train',
}))
const own: TaskDefinition = {
  about: 'x',
  licence: 'CC0',
  citation: 'x',
  config: {
    task_name: 'own',
    version: 'v1',
    embedding_type: 'scene',
    prediction_type: 'multiclass',
    split_mode: 'new_split_kfold',
    nfolds: 3,
    sample_duration: 1,
    evaluation: ['top1_acc'],
    default_mode: 'small',
  },
  modes: { small: {} },
  sources: { small: [{ name: 'rec', folder: '/recordings' }] },
  clips: () => rows,
}
const url = { name: 'rec', url: 'https://example.org/rec.zip', md5: '0'.repeat(32) }
const zipped: TaskDefinition = { ...own, sources: { small: [url] } }
const table = { table: 'rec/labels.csv', file: 'file', label: 'label' }

describe('what a recipe decides', () => {
  it.each([
    ['a built-in task', taskByName('esc50'), true],
    ['a table in an archive', { ...zipped, clips: table }, true],
    ['a function of the user, which may call and read anything', zipped, false],
    ['a table in a folder, which may change', { ...own, clips: table }, false],
  ])('is known of %s', (_, task, isDecided) => {
    expect(isDecidedByRecipe(task, 'small')).toBe(isDecided)
  })

  it('is another with another mode, resampler, setting, source or table', () => {
    const task = {
      ...zipped,
      clips: table,
      modes: { small: {}, full: {} },
      sources: { small: [url], full: [url] },
    }
    const options = { mode: 'small', resampler: 'hearkit' as const }
    const hashes = [
      recipeHash(task, options),
      recipeHash(task, { ...options, mode: 'full' }),
      recipeHash(task, { ...options, resampler: 'ffmpeg' }),
      recipeHash({ ...task, config: { ...task.config, sample_duration: 2 } }, options),
      recipeHash({ ...task, sources: { small: [{ ...url, md5: '1'.repeat(32) }] } }, options),
      recipeHash({ ...task, clips: { ...table, label: 'other' } }, options),
    ]
    expect(new Set(hashes).size).toBe(hashes.length)
    expect(recipeHash({ ...task, about: 'put in other words' }, options)).toBe(hashes[0])
  })
})

describe('the hash of a plan', () => {
  const options = { mode: 'small', resampler: 'hearkit' as const }
  const hashOf = (
    task: TaskDefinition,
    content: (path: string) => string,
    onFile = (_: number, __: number) => {},
  ) => {
    const sources = memorySources(Object.fromEntries(rows.map(({ path }) => [path, null])))
    const visited: OpenSources = {
      ...sources,
      sizeBytes: () => 0,
      close: async () => {},
      visit: async (paths, use) => {
        for (const path of [...paths].reverse())
          await use(path, {
            sizeBytes: 0,
            stream: async function* () {
              yield Buffer.from(content(path))
            },
          })
      },
    }
    const plan = planTask(task, 'small', rows, sources)
    return planHash(
      plan,
      new Map([['train.json', '{}']]),
      task,
      visited,
      options,
      onFile,
      new AbortController().signal,
    )
  }

  it('tells of a recording in a folder that changed', async () => {
    const before = await hashOf(own, (path) => path)
    expect(await hashOf(own, (path) => path)).toBe(before)
    expect(await hashOf(own, (path) => (path === 'rec/c3.wav' ? 'new' : path))).not.toBe(before)
  })

  it('counts the recordings that it reads, and reads none in an archive, whose checksum vouches for them', async () => {
    const counts: string[] = []
    await hashOf(own, String, (nDone, nFiles) => counts.push(`${nDone}/${nFiles}`))
    expect(counts.at(-1)).toBe('9/9')
    const refuse = () => {
      throw new Error('it was read')
    }
    expect(await hashOf(zipped, refuse)).toMatch(/^[0-9a-f]{64}$/)
  })
})
