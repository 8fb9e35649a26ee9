import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { fixtureRoots } from '../../../test/fixtures.js'
import { memorySources } from '../../../test/task-sources.js'
import { parseCsv } from '../../store/csv.js'
import { spokenDigit } from '../spoken-digit.js'
import type { TaskDefinition } from '../task.js'
import { taskRows } from '../task-rows.js'
import { tfdsCremaD } from '../tfds-crema-d.js'
import { tfdsGtzan } from '../tfds-gtzan.js'
import { tfdsGtzanMusicSpeech } from '../tfds-gtzan-music-speech.js'
import { cremaSplits } from './crema-splits.js'

/** Recorded tables of spoken_digit in full, each with the names and labels that HEAR's pipeline gave its clips. */
const RECORDED = fixtureRoots()
  .map((root) => join(root, 'prepare/full'))
  .filter((folder) => existsSync(folder))
  .flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)))
  .filter((folder) => /[\\/]spoken_digit-[^\\/]*-full$/.test(folder))

/** `sorted(g[63:72])` and `sorted(g[72:])` of NumPy's `RandomState(0).shuffle(g)`, g the sorted speakers. */
const VALID_SPEAKERS = ['1015', '1020', '1021', '1030', '1050', '1070', '1079', '1089', '1090']
const TEST_SPEAKERS = [
  ...['1010', '1013', '1022', '1026', '1037', '1038', '1040', '1045', '1047', '1048'],
  ...['1059', '1065', '1066', '1068', '1071', '1073', '1084', '1086', '1088'],
]

test('names of spoken_digit in full are recorded', () => {
  expect(RECORDED).not.toEqual([])
})

test.each(RECORDED)("the authors' recordings get HEAR's names, with HEAR's labels: %s", async (folder) => {
  const table = gunzipSync(readFileSync(join(folder, 'process_metadata.csv.gz'))).toString()
  const [header, ...lines] = parseCsv(table, folder)
  const column = (name: string) => header.indexOf(name)
  const recorded = lines.map((line) => [line[column('unique_filestem')], line[column('label')]])
  const rows = await rowsOf(spokenDigit, 'full', spokenDigitPaths())
  expect(rows.map((row) => [row.fileStem, row.label]).sort()).toEqual(recorded.sort())
})

test("a recording keeps its own path beside HEAR's name", async () => {
  const rows = await rowsOf(spokenDigit, 'full', spokenDigitPaths())
  expect(rows.map((row) => row.path)).toEqual(spokenDigitPaths())
  expect(rows.map((row) => row.split)).toEqual(Array(2500).fill('train'))
})

test.each<[TaskDefinition, () => string[], [split: string, name: string, nShards: number][], number]>([
  [tfdsGtzan, gtzanPaths, [['train', 'gtzan-train', 32]], 10],
  [tfdsGtzanMusicSpeech, musicSpeechPaths, [['train', 'gtzan-music-speech-train', 4]], 2],
  [
    tfdsCremaD,
    cremaPaths,
    [
      ['train', 'crema-d-train', 16],
      ['test', 'crema-d-test', 4],
      ['valid', 'crema-d-validation', 2],
    ],
    6,
  ],
])('%# the whole corpus is named in shards that fill up evenly', async (task, paths, shards, nLabels) => {
  const rows = await rowsOf(task, 'full', paths())
  expect(new Set(rows.map((row) => row.label)).size).toBe(nLabels)
  for (const [split, name, nShards] of shards) {
    const stems = rows.filter((row) => row.split === split).map((row) => row.fileStem!)
    const shape = new RegExp(
      `^tfds_id_${name}-tfrecord-(\\d{5})-of-${String(nShards).padStart(5, '0')}-(\\d+)$`,
    )
    const places = stems.map((stem) => shape.exec(stem)?.slice(1).map(Number))
    expect(places).not.toContain(undefined)
    for (let shard = 0; shard < nShards; shard++) {
      const inShard = places.filter((place) => place?.[0] === shard).map((place) => place![1])
      expect(Math.abs(inShard.length - stems.length / nShards)).toBeLessThan(1)
      expect(inShard.sort((a, b) => a - b)).toEqual(inShard.map((_, i) => i))
    }
  }
})

/*
 * The published sizes agree with it: every speaker has 82 clips, but for 20 that were never recorded and four whose
 * names are wrong, of which 1013's and 1040's are in test (19 * 82 - 2 = 1556), none in valid (9 * 82 = 738).
 */
test('the splits of CREMA-D are those of 91 speakers shuffled by NumPy with seed 0', () => {
  const splits = cremaSplits(speakers())
  const of = (split: string) => speakers().filter((speaker) => splits.get(speaker) === split)
  expect([of('train').length, of('valid').length, of('test').length]).toEqual([63, 9, 19])
  expect(of('valid')).toEqual(VALID_SPEAKERS)
  expect(of('test')).toEqual(TEST_SPEAKERS)
})

test('tracks of music and speech are told from what a Mac leaves beside them', async () => {
  const paths = [
    ...musicSpeechPaths(),
    'train/music_speech/music_wav/._track0.wav',
    'train/music_speech/speech_wav/.mf',
  ]
  expect(await rowsOf(tfdsGtzanMusicSpeech, 'full', paths)).toHaveLength(128)
})

test("HEAR's own form keeps its names and labels, split by split", async () => {
  const files = memorySources({
    'train/train_labels.csv': 'filename,label\ntfds_id_a.wav,ANG\n',
    'train/audio/tfds_id_a.wav': null,
    'test/test_labels.csv': 'filename,label\ntfds_id_b.wav,SAD\n',
    'test/audio/tfds_id_b.wav': null,
    'valid/valid_labels.csv': 'filename,label\ntfds_id_c.wav,NEU\n',
    'valid/audio/tfds_id_c.wav': null,
  })
  expect(await taskRows(tfdsCremaD, 'small', files)).toEqual([
    { path: 'train/audio/tfds_id_a.wav', label: 'ANG', split: 'train' },
    { path: 'test/audio/tfds_id_b.wav', label: 'SAD', split: 'test' },
    { path: 'valid/audio/tfds_id_c.wav', label: 'NEU', split: 'valid' },
  ])
})

test("HEAR's own form with a split missing is refused", async () => {
  const files = memorySources({ 'train/train_labels.csv': 'filename,label\n' })
  await expect(taskRows(tfdsCremaD, 'small', files)).rejects.toThrow('test/test_labels.csv')
})

test('a corpus that is not whole is refused', async () => {
  await expect(rowsOf(tfdsGtzan, 'full', gtzanPaths().slice(1))).rejects.toThrow(
    'Expected 1000 clips in split "train" of gtzan, found 999.',
  )
  await expect(rowsOf(tfdsCremaD, 'full', cremaPaths().slice(1))).rejects.toThrow('of crema_d, found')
})

test('files that the corpus does not have are refused by name', async () => {
  await expect(
    rowsOf(spokenDigit, 'full', ['train/free-spoken-digit-dataset-1.0.9/recordings/ten_theo_1.wav']),
  ).rejects.toThrow('"train/free-spoken-digit-dataset-1.0.9/recordings/ten_theo_1.wav"')
  await expect(rowsOf(tfdsGtzan, 'full', ['train/genres/folk/folk.00001.wav'])).rejects.toThrow(
    'folk.00001.wav',
  )
  await expect(rowsOf(tfdsCremaD, 'full', ['AudioWAV/1040_ITH_SAD_X.wav'])).rejects.toThrow(
    '1040_ITH_SAD_X.wav',
  )
})

function rowsOf(task: TaskDefinition, mode: string, paths: readonly string[]) {
  return taskRows(task, mode, memorySources(Object.fromEntries(paths.map((path) => [path, null]))))
}

function spokenDigitPaths(): string[] {
  const names = ['george', 'jackson', 'nicolas', 'theo', 'yweweler']
  return range(10).flatMap((digit) =>
    names.flatMap((name) =>
      range(50).map((i) => `train/free-spoken-digit-dataset-1.0.9/recordings/${digit}_${name}_${i}.wav`),
    ),
  )
}

function gtzanPaths(): string[] {
  return [
    'blues',
    'classical',
    'country',
    'disco',
    'hiphop',
    'jazz',
    'metal',
    'pop',
    'reggae',
    'rock',
  ].flatMap((genre) =>
    range(100).map((i) => `train/genres/${genre}/${genre}.${String(i).padStart(5, '0')}.wav`),
  )
}

function musicSpeechPaths(): string[] {
  return ['music', 'speech'].flatMap((kind) =>
    range(64).map((i) => `train/music_speech/${kind}_wav/${kind}-${i}.wav`),
  )
}

/** As many clips of each speaker as make the splits' sizes; the real numbers are 82 and a few fewer. */
function cremaPaths(): string[] {
  const sizes = { train: 5144, valid: 738, test: 1556 }
  const splits = cremaSplits(speakers())
  return Object.entries(sizes).flatMap(([split, size]) => {
    const own = speakers().filter((speaker) => splits.get(speaker) === split)
    return range(size).map((i) => {
      const emotion = ['ANG', 'DIS', 'FEA', 'HAP', 'NEU', 'SAD'][i % 6]
      const turn = Math.floor(i / own.length)
      const sentence = `S${String.fromCharCode(65 + (turn % 26))}${String.fromCharCode(65 + Math.floor(turn / 26))}`
      return `AudioWAV/${own[i % own.length]}_${sentence}_${emotion}_XX.wav`
    })
  })
}

function speakers(): string[] {
  return range(91).map((i) => String(1001 + i))
}

function range(n: number): number[] {
  return Array.from({ length: n }, (_, i) => i)
}
