import { describe, expect, test } from 'vitest'
import { fixtureCases } from '../../test/fixtures.js'
import { memorySources } from '../../test/task-sources.js'
import { fileStem } from './clip-paths.js'
import { command, silenceStarts, speechCommands } from './speech-commands.js'
import { taskRows } from './task-rows.js'

describe('speech_commands', () => {
  type Silence = { name: string; n_samples: number; sample_rate: number }
  const silences = fixtureCases<Silence, { count: number; files: string[] }>('prepare/vectors/silence_slices')
  test.each(silences)('cuts noise $id into the original’s pieces', ({ input, expected }) => {
    const starts = silenceStarts(input.n_samples, input.sample_rate)
    expect(starts.map((start) => `${fileStem(input.name)}-${start}.wav`)).toEqual(expected.files)
    expect(starts.length).toBe(expected.count)
  })

  type Labels = { label: string; unique_filestem: string; split_key: string }
  const labels = fixtureCases<string, Labels>('prepare/vectors/speech_commands_labels')
  test.each(labels)('names and labels $input as the original does', ({ input, expected }) => {
    expect(command(input, 'train')).toMatchObject({
      label: expected.label,
      fileStem: expected.unique_filestem,
      splitKey: expected.split_key,
    })
  })

  type Tree = Record<'train_files' | 'validation_list' | 'testing_list' | 'test_files', string[]>
  const splits = fixtureCases<Tree, [split: string, path: string, label: string][]>(
    'prepare/vectors/speech_commands_splits',
  )
  test.each(splits)('splits tree $id as the original does', async ({ input, expected }) => {
    const contents: Record<string, string | null> = {
      'train/validation_list.txt': `${input.validation_list.join('\n')}\n`,
      'train/testing_list.txt': input.testing_list.join('\n'),
    }
    for (const file of input.train_files) contents[`train/${file}`] = null
    for (const file of input.test_files) contents[`test/${file}`] = null
    // The pieces of noise are recorded as files; their noises are not, so the words alone are compared.
    const rows = await taskRows(speechCommands, '5h', memorySources(contents))
    const words = expected.filter(([split, path]) => split === 'test' || !path.startsWith('_silence_/'))
    const found = rows.map(({ split, path, label }) => [split, path.replace(/^train\//, ''), label])
    expect(found.sort()).toEqual(words.map(([split, path, label]) => [split, path, label]).sort())
  })

  test('takes one-second pieces of noise as silence, those of the tap for validation', async () => {
    const noise = { sampleRate: 16000, samples: new Float32Array(40000) }
    const files = {
      ...memorySources({
        'train/validation_list.txt': '',
        'train/testing_list.txt': '',
        'train/_background_noise_/running_tap.wav': null,
        'train/_background_noise_/pink_noise.wav': null,
        'train/_background_noise_/README.md': null,
      }),
      audio: async () => noise,
    }
    const rows = await taskRows(speechCommands, '5h', files)
    expect(rows.length).toBe(6)
    expect(rows[1]).toEqual({
      path: 'train/_background_noise_/running_tap.wav',
      label: '_silence_',
      split: 'valid',
      fileStem: '_silence__running_tap-8000',
      splitKey: '_silence__running_tap-8000',
      cut: { startSample: 8000, nSamples: 16000 },
    })
    expect(rows[5].split).toBe('train')
  })
})
