import { beforeAll, describe, expect, test } from 'vitest'
import { memorySources } from '../../test/task-sources.js'
import { findShots } from './gunshot/find-shots.js'
import { gunshotTriangulation } from './gunshot-triangulation.js'
import type { ClipRow, SourceFiles } from './task.js'
import { taskRows } from './task-rows.js'

const OFFSETS = [15_764_451, 13_764_742, 9_334_032, 6_794_611]
const NAMES = ['mic1raw', 'mic2raw16b', 'mic3raw', 'mic4raw']
/** Onsets after the offsets less one second, in samples of 48 kHz: 22 shots, two to three seconds apart. */
const ONSETS = Array.from({ length: 22 }, (_, shot) => 50_000 + shot * 100_000 + (shot % 7) * 1_111)
const END = ONSETS[21] + 66_000

/** Recordings with shots at the same times after their offsets; only the first is loud enough to find them. */
function recordings(change: { sampleRate?: number; nSamples?: number; nShots?: number } = {}): SourceFiles {
  const contents = Object.fromEntries(NAMES.map((name) => [`train/${name}.wav`, null]))
  return {
    ...memorySources(contents),
    audio: async (path) => {
      const mic = NAMES.findIndex((name) => path === `train/${name}.wav`)
      const from = OFFSETS[mic] - 48_000
      const isChanged = mic === 2
      const samples = new Float32Array((isChanged && change.nSamples) || from + END)
      for (const [shot, onset] of ONSETS.entries()) {
        if (mic > 0 || shot >= (change.nShots ?? 22)) continue
        samples[from + onset] = shot % 2 === 0 ? 0.9 : -1
        // An echo within half a second is no shot of its own.
        samples[from + onset + 20_000] = -0.95
      }
      // Noise before the offset is not looked at.
      if (mic === 0) samples[1_000] = 1
      return { sampleRate: (isChanged && change.sampleRate) || 48_000, samples }
    },
  }
}

describe('a shot', () => {
  test('begins at the first sample of at least 0.8', () => {
    const samples = new Float32Array([0, 0.79, -0.81, 1, 0])
    expect(findShots(samples, 0, 22)).toEqual([2])
    expect(findShots(samples, 3, 22)).toEqual([3])
  })

  test('hides what follows within 25001 samples, and no more', () => {
    const samples = new Float32Array(60_000)
    for (const at of [100, 25_101, 25_102]) samples[at] = 1
    expect(findShots(samples, 0, 22)).toEqual([100, 25_102])
    expect(findShots(samples, 0, 22)).toEqual(slowShots(samples, 22))
  })

  test('is looked for in no more than the number asked for', () => {
    const samples = new Float32Array(200_000).fill(1)
    expect(findShots(samples, 0, 3)).toEqual([0, 25_002, 50_004])
    expect(findShots(samples, 0, 99)).toEqual(slowShots(samples, 99))
  })
})

describe('the recordings', () => {
  let rows: readonly ClipRow[] = []
  beforeAll(async () => {
    rows = await taskRows(gunshotTriangulation, 'full', recordings())
  })

  test('give 22 shots at each of four microphones', () => {
    expect(rows).toHaveLength(88)
    expect(new Set(rows.map((row) => row.fileStem)).size).toBe(88)
    for (const mic of ['mic1', 'mic2', 'mic3', 'mic4'])
      expect(rows.filter((row) => row.label === mic)).toHaveLength(22)
  })

  test('are cut for a second and a half, from an eighth of a second before the shot', () => {
    for (const [mic, offset] of OFFSETS.entries())
      expect(rows.filter((row) => row.path === `train/${NAMES[mic]}.wav`).map((row) => row.cut)).toEqual(
        ONSETS.map((onset) => ({ startSample: offset - 48_000 + onset - 6_000, nSamples: 72_000 })),
      )
  })

  test('keep the shots of a firearm together: four of the first, three of the others', () => {
    expect(rows[0]).toMatchObject({
      fileStem: 'mic1_shot0_fid1',
      label: 'mic1',
      splitKey: 'fid1',
      split: 'train',
    })
    expect(rows[87]).toMatchObject({ fileStem: 'mic4_shot21_fid7', label: 'mic4', splitKey: 'fid7' })
    const sizes = [1, 2, 3, 4, 5, 6, 7].map((id) => rows.filter((row) => row.splitKey === `fid${id}`).length)
    expect(sizes).toEqual([16, 12, 12, 12, 12, 12, 12])
  })

  test.each([
    ['another sample rate', { sampleRate: 44_100 }, '"train/mic3raw.wav": expected 48000 Hz'],
    ['fewer shots', { nShots: 20 }, '"train/mic1raw.wav": expected 22 shots'],
    ['an early end', { nSamples: 9_400_000 }, '"train/mic3raw.wav": expected'],
  ])('with %s are refused by name', async (_, change, message) => {
    await expect(taskRows(gunshotTriangulation, 'full', recordings(change))).rejects.toThrow(message)
  })
})

test('the small archive has shots ready cut, named by microphone and firearm', async () => {
  const files = memorySources({ 'train/mic2_shot13_fid5.wav': null, 'train/mic4_shot0_fid1.wav': null })
  expect(await taskRows(gunshotTriangulation, 'small', files)).toEqual([
    { path: 'train/mic2_shot13_fid5.wav', label: 'mic2', split: 'train', splitKey: 'fid5' },
    { path: 'train/mic4_shot0_fid1.wav', label: 'mic4', split: 'train', splitKey: 'fid1' },
  ])
  await expect(
    taskRows(gunshotTriangulation, 'small', memorySources({ 'train/mic5_shot0_fid1.wav': null })),
  ).rejects.toThrow('"train/mic5_shot0_fid1.wav": expected a name such as mic1_shot0_fid1.wav.')
})

/** The original's loop, sample by sample. */
function slowShots(samples: Float32Array, nShots: number): number[] {
  const shots: number[] = []
  let inShot = false
  for (const [i, sample] of samples.entries()) {
    if (!inShot && Math.abs(sample) >= 0.8 && shots.length < nShots) {
      shots.push(i)
      inShot = true
    }
    if (inShot && i - shots[shots.length - 1] > 25_000) inShot = false
  }
  return shots
}
