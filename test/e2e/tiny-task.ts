import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { encodeWavPcm16 } from '../../src/audio/encode-wav.js'
import { Random } from '../../src/num/random.js'

const RATE = 44100
const LABELS = ['high', 'low', 'noise']

/**
 * Writes a task folder of 0.3 s clips that are easy to tell apart: a high tone, a low tone, noise.
 * @param change edits what is written, to make it bad in one way.
 */
export function writeTinyTask(
  dir: string,
  change: {
    splits?: string[]
    splitMode?: string
    clipsPerLabel?: number
    metadata?: object
    seconds?: number
  } = {},
): string {
  const splits = change.splits ?? ['train', 'valid', 'test']
  const metadata = {
    task_name: 'tiny',
    version: '1',
    embedding_type: 'scene',
    prediction_type: 'multiclass',
    split_mode: change.splitMode ?? 'trainvaltest',
    sample_duration: change.seconds ?? 0.3,
    evaluation: ['top1_acc'],
    mode: 'small',
    splits,
    ...change.metadata,
  }
  mkdirSync(dir, { recursive: true })
  writeFileSync(join(dir, 'task_metadata.json'), JSON.stringify(metadata, null, 1))
  writeFileSync(
    join(dir, 'labelvocabulary.csv'),
    `idx,label\n${LABELS.map((label, i) => `${i},${label}\n`).join('')}`,
  )
  const random = new Random('tiny')
  for (const split of splits) {
    const clips: Record<string, string[]> = {}
    mkdirSync(join(dir, String(RATE), split), { recursive: true })
    for (let i = 0; i < (change.clipsPerLabel ?? 4); i++)
      for (const label of LABELS) {
        const name = `${split}_${label}_${i}.wav`
        clips[name] = [label]
        const hz = (label === 'high' ? 3000 : 200) * (1 + 0.3 * random.uniform())
        const samples = Float32Array.from({ length: Math.round((change.seconds ?? 0.3) * RATE) }, (_, t) =>
          label === 'noise' ? 0.3 * (random.uniform() - 0.5) : 0.3 * Math.sin((2 * Math.PI * hz * t) / RATE),
        )
        writeFileSync(join(dir, String(RATE), split, name), encodeWavPcm16(samples, RATE))
      }
    writeFileSync(join(dir, `${split}.json`), JSON.stringify(clips, null, 1))
  }
  return dir
}
