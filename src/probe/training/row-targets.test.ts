import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ClipLabels } from '../../store/clip-labels.js'
import { type EmbeddingSplit, readEmbeddingFolder } from '../../store/embedding-folder.js'
import { getLabelsForTimestamps } from '../events/frame-labels.js'
import { rowTargets } from './row-targets.js'

const vocabulary = ['cat', 'dog', 'owl']

/** A split without embeddings to speak of: clip i has framesOfClip[i] rows, 20 ms apart. */
function splitOf(labels: ClipLabels, framesOfClip: readonly number[]): EmbeddingSplit {
  const clipStarts = [0]
  for (const frames of framesOfClip) clipStarts.push(clipStarts[clipStarts.length - 1] + frames)
  const rows = clipStarts[clipStarts.length - 1]
  const clipOfRow = Int32Array.from(framesOfClip.flatMap((frames, i) => Array(frames).fill(i)))
  return {
    name: 'train',
    labels,
    clips: [...labels.clips.keys()],
    clipOfRow,
    clipStarts: Int32Array.from(clipStarts),
    timestampsMs: Float64Array.from(clipOfRow, (clip, row) => 20 * (row - clipStarts[clip])),
    embeddings: { data: new Float32Array(new SharedArrayBuffer(4 * rows)), rows, dim: 1 },
  }
}

const golden = join(dirname(fileURLToPath(import.meta.url)), '../../../test/golden')
const recorded = [golden, process.env.HEAR_TEST_FIXTURES]
  .filter((root) => root !== undefined && root !== '')
  .map((root) => join(root!, 'probe'))
  .filter((root) => existsSync(root))
  .flatMap((root) => readdirSync(root).map((name) => ({ name, dir: join(root, name) })))
  .filter(({ dir }) => existsSync(join(dir, 'task_metadata.json')))

describe('the targets of recorded embeddings', () => {
  it('are there to be compared', () => {
    expect(recorded.map(({ name }) => name)).toContain('esc10__logmelstat')
  })

  it.each(recorded)('$name: every row has the labels that heareval gave it', async ({ dir }) => {
    const { splits, metadata, vocabulary } = await readEmbeddingFolder(dir)
    for (const [name, split] of splits) {
      const labels = JSON.parse(readFileSync(join(dir, `${name}.labels.json`), 'utf8')) as string[][]
      const targets = rowTargets(split, metadata, vocabulary)
      if (targets.kind === 'multiclass')
        expect(Array.from(targets.classIndex, (index) => [vocabulary[index]])).toEqual(labels)
      else {
        const hot = labels.flatMap((of) => vocabulary.map((label) => (of.includes(label) ? 1 : 0)))
        expect(targets.hot.length).toBe(hot.length)
        expect(Buffer.compare(targets.hot, Uint8Array.from(hot))).toBe(0)
      }
    }
  })
})

describe('rowTargets', () => {
  it('gives the class of a multiclass scene', () => {
    const labels: ClipLabels = {
      kind: 'scene',
      clips: new Map([
        ['b.wav', ['owl']],
        ['a.wav', ['cat']],
      ]),
    }
    const targets = rowTargets(splitOf(labels, [1, 1]), { prediction_type: 'multiclass' }, vocabulary)
    expect(targets).toEqual({ kind: 'multiclass', classIndex: Int32Array.of(2, 0) })
  })

  it('marks every label of a multilabel scene', () => {
    const labels: ClipLabels = {
      kind: 'scene',
      clips: new Map([
        ['b.wav', ['owl', 'cat']],
        ['a.wav', []],
      ]),
    }
    const targets = rowTargets(splitOf(labels, [1, 1]), { prediction_type: 'multilabel' }, vocabulary)
    expect(targets).toEqual({ kind: 'multilabel', hot: Uint8Array.of(1, 0, 1, 0, 0, 0) })
  })

  it('marks the labels active at every frame, as the lists of labels name them', () => {
    const time = fc.integer({ min: -20, max: 220 })
    const event = fc.record({
      label: fc.constantFrom(...vocabulary),
      start: time,
      length: fc.nat({ max: 90 }),
    })
    const clip = fc.record({
      frames: fc.integer({ min: 1, max: 9 }),
      events: fc.array(event, { maxLength: 5 }),
    })
    fc.assert(
      fc.property(fc.array(clip, { minLength: 1, maxLength: 4 }), (clips) => {
        const events = clips.map((one) =>
          one.events.map(({ label, start, length }) => ({ label, start, end: start + length })),
        )
        const labels: ClipLabels = { kind: 'event', clips: new Map(events.map((of, i) => [`${i}.wav`, of])) }
        const split = splitOf(
          labels,
          clips.map(({ frames }) => frames),
        )
        const timestamps = clips.map(({ frames }) => Array.from({ length: frames }, (_, i) => 20 * i))
        const expected = getLabelsForTimestamps(events, timestamps)
          .flat()
          .flatMap((of) => vocabulary.map((label) => (of.includes(label) ? 1 : 0)))
        const targets = rowTargets(split, { prediction_type: 'multilabel' }, vocabulary)
        expect(targets.kind === 'multilabel' && [...targets.hot]).toEqual(expected)
      }),
      { seed: 5 },
    )
  })
})
