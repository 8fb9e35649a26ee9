import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { nameGroups } from './name-groups.js'

const places = (bySplit: Record<string, readonly string[]>) =>
  Object.entries(bySplit).flatMap(([split, clips]) => clips.map((clip) => ({ split, clip })))
const noLabel = () => ''

describe('nameGroups', () => {
  it.each([
    ['yes_94de6a6a_nohash_0.wav', '94de6a6a'],
    ['94de6a6a_nohash_3.wav', '94de6a6a'],
    ['7_theo_12.wav', 'theo'],
    ['bass_acoustic_027-033-025.wav', 'bass_acoustic_027'],
    ['synth_lead_synthetic_001-060-100.wav', 'synth_lead_synthetic_001'],
    ['1-100032-A-0.wav', '100032'],
    ['1022_ITS_ANG_XX.wav', '1022'],
    ['100652-3-0-1.wav', '100652'],
    ['mic1_shot3_fid2.wav', 'shot3'],
    ['Hive1 12_06_2018_QueenBee____01_00_00.wav', 'Hive1 12_06_2018_QueenBee'],
  ])('knows whom %s is from', (clip, group) => {
    const [found, ...others] = nameGroups(places({ train: [clip], test: [clip] }), noLabel)
    expect(others).toEqual([])
    expect(found).toMatchObject({ certainty: 'known', crossing: [{ group, clips: { train: 1, test: 1 } }] })
  })

  it('lists the groups that cross splits, the largest first, and counts all', () => {
    const clips = places({
      train: ['0_ann_0.wav', '0_bob_0.wav', '1_bob_1.wav', '2_cyd_0.wav'],
      valid: ['3_ann_1.wav', '4_bob_2.wav'],
      test: ['5_bob_3.wav', '6_dan_0.wav'],
    })
    expect(nameGroups(clips, noLabel)).toEqual([
      {
        what: 'speaker (Free Spoken Digit Dataset)',
        certainty: 'known',
        nGroups: 4,
        nClips: 8,
        crossing: [
          { group: 'bob', clips: { train: 2, valid: 1, test: 1 } },
          { group: 'ann', clips: { train: 1, valid: 1 } },
        ],
      },
    ])
  })

  it('guesses from parts of names that recur, but for those that are the label, the split or a count of takes', () => {
    const clip = (split: string, label: string, who: string, take: number) => ({
      split,
      clip: `${split}-${label}-${who}-${take}-${who}${label}${take}.wav`,
    })
    const clips = ['train', 'test'].flatMap((split) =>
      ['cat', 'dog'].flatMap((label) =>
        ['ann', 'bob'].flatMap((who) => [0, 1].map((take) => clip(split, label, who, take))),
      ),
    )
    const found = nameGroups(clips, ({ clip: name }) => name.split('-')[1])
    expect(found.map(({ what, certainty, nGroups }) => [what, certainty, nGroups])).toEqual([
      ['part 3 of names such as "train-cat-ann-0-anncat0"', 'guess', 2],
    ])
  })

  it('says nothing of names that tell nothing', () => {
    expect(nameGroups(places({ train: ['1.wav', '2.wav'], test: ['3.wav', '4.wav'] }), noLabel)).toEqual([])
    expect(nameGroups([], noLabel)).toEqual([])
  })
})

const fixtures = process.env.HEAR_TEST_FIXTURES || undefined
const full = join(fixtures ?? '', 'prepare/full')

describe.skipIf(fixtures === undefined)('recorded splits (skipped without HEAR_TEST_FIXTURES)', () => {
  /** Clips of a recorded task, where its label files are kept. */
  const clipsOf = (task: string) =>
    readdirSync(join(full, task))
      .filter((name) => /^(train|valid|test|fold\d+)\.json\.gz$/.test(name))
      .flatMap((name) => {
        const labels = JSON.parse(gunzipSync(readFileSync(join(full, task, name))).toString('utf8'))
        return Object.keys(labels).map((clip) => ({ split: name.slice(0, name.indexOf('.')), clip }))
      })
  const tasks = existsSync(full) ? readdirSync(full) : []

  it('tell that no instrument of the k-fold NSynth spans two folds', () => {
    const parted = tasks.filter((task) => task.startsWith('nsynth_pitch_kfold'))
    expect(parted.length).toBeGreaterThan(0)
    for (const task of parted) {
      const [found] = nameGroups(clipsOf(task), noLabel)
      expect(found, task).toMatchObject({ what: 'instrument (NSynth)', crossing: [] })
      expect(found.nGroups, task).toBeGreaterThan(10)
    }
  })

  it('tell that of ESC-50 four sources span two folds', () => {
    const esc = tasks.filter((task) => /^esc50-.*-full$/.test(task))
    expect(esc.length).toBeGreaterThan(0)
    for (const task of esc) {
      const [found] = nameGroups(clipsOf(task), noLabel)
      const groups = found.crossing.map(({ group }) => group).sort()
      expect(groups, task).toEqual(['131943', '134049', '209698', '234879'])
    }
  })

  it('tell that days of a hive are in several splits of beehive_states', () => {
    const hives = tasks.filter((task) => task.startsWith('beehive_states'))
    expect(hives.length).toBeGreaterThan(0)
    for (const task of hives) {
      const [found] = nameGroups(clipsOf(task), noLabel)
      expect(found.crossing.length, task).toBeGreaterThan(0)
    }
  })
})
