import { expect, test } from 'vitest'
import { memorySources } from '../../test/task-sources.js'
import { taskRows } from './task-rows.js'
import { vocalImitation } from './vocal-imitation.js'

const folder = 'train/VocalImitationSet'
const table = (...rows: string[]) =>
  ['\timitation_filename\treference_filename\tincluded', ...rows].join('\n')

test('an included imitation is labelled with the sound that it imitates', async () => {
  const files = memorySources({
    [`${folder}/vocal_imitations.txt`]: table(
      '0\t101 - ID17 v1.0.wav\t101_Animal_Wild animals, roaring.wav\tTrue',
      '1\tdraft.wav\tother.wav\tFalse',
      '2\tgone.wav\tother.wav\tTrue',
    ),
    [`${folder}/vocal_imitations/included/101 Lions/101 - ID17 v1.0.wav`]: null,
    [`${folder}/vocal_imitations/excluded/draft.wav`]: null,
  })
  expect(await taskRows(vocalImitation, 'full', files)).toEqual([
    {
      path: `${folder}/vocal_imitations/included/101 Lions/101 - ID17 v1.0.wav`,
      label: '101_Animal_Wild animals, roaring.wav',
      split: 'train',
    },
  ])
})

test('an imitation without an included row is refused, and so is one with two', async () => {
  const wav = `${folder}/vocal_imitations/included/a.wav`
  const rows = (text: string) =>
    taskRows(vocalImitation, 'full', memorySources({ [`${folder}/vocal_imitations.txt`]: text, [wav]: null }))
  await expect(rows(table('0\ta.wav\tr.wav\tFalse'))).rejects.toThrow(`"${wav}": expected an included row of`)
  await expect(rows(table('0\ta.wav\tr.wav\tTrue', '1\ta.wav\ts.wav\tTrue'))).rejects.toThrow(
    'True or False once for "a.wav"',
  )
  await expect(rows(table('0\ta.wav\tr.wav\tperhaps'))).rejects.toThrow('not "perhaps"')
})
