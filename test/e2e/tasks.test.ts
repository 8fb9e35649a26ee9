import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { hear, scratchFolder } from './hear.js'

const dir = scratchFolder()

describe('hear tasks', () => {
  test('lists the tasks, with list and without', async () => {
    const [plain, list] = await Promise.all([hear(['tasks']), hear(['tasks', 'list'])])
    expect(plain).toEqual(list)
    expect(list.code).toBe(0)
    const lines = list.stdout.split('\n')
    expect(lines[0]).toMatch(/^task +version +kind +labels +metric +splits +clip +modes +in HEAR +licence$/)
    const [row] = lines.filter((line) => line.startsWith('speech_commands'))
    expect(row.replace(/ {2,}/g, ' | ')).toBe(
      'speech_commands | v0.0.2 | scene multiclass | 12 | top1_acc | train, valid, test | 1 s | 5h full small | 5h full | CC BY 4.0',
    )
    expect(list.stderr).toContain('Next: hear tasks show NAME')
  })

  test('--json lists the same facts as one document', async () => {
    const { stdout, stderr, code } = await hear(['tasks', 'list', '--json'])
    expect({ stderr, code }).toEqual({ stderr: '', code: 0 })
    const { tasks } = JSON.parse(stdout)
    expect(tasks.length).toBeGreaterThan(20)
    expect(tasks.find((task: { name: string }) => task.name === 'nsynth_pitch')).toMatchObject({
      version: 'v2.2.3',
      nLabels: 88,
      evaluation: ['pitch_acc', 'chroma_acc'],
      clipDurationSec: 4,
      modes: ['5h', '50h', 'small'],
      benchmarkModes: ['5h', '50h'],
      sampleRates: [16000, 22050, 32000, 44100, 48000],
    })
  })

  test('a misspelt subcommand is a mistake, with the way to the help', async () => {
    const { code, stderr } = await hear(['tasks', 'shwo'])
    expect(code).toBe(2)
    expect(stderr).toMatchInlineSnapshot(`
      "error: too many arguments for 'list'. Expected 0 arguments but got 1.
      (see hear tasks list --help)
      "
    `)
  })
})

describe('hear tasks show', () => {
  test('prints a mode of a task for people', async () => {
    const { stdout, stderr, code } = await hear(['tasks', 'show', 'fsd50k', '--mode', 'small'])
    expect(code).toBe(0)
    expect(stdout).toMatchInlineSnapshot(`
      "fsd50k v1.0: Tag sounds of 0.3 to 30 seconds with any of 200 classes of the AudioSet ontology.

      Mode          small (others: full)
      Kind          scene, multilabel, 200 labels
      Metrics       mAP, d_prime, aucroc, top1_acc (the first selects the model)
      Splits        train, valid, test
      Clip          as it is
      Limits        test all, train all, valid all
      Sample rates  16000, 22050, 32000, 44100, 48000 Hz
      Folder        fsd50k-v1.0-small
      Licence       CC BY 4.0 for the collection; each clip CC0, CC BY, CC BY-NC or CC Sampling+
      Citation      E. Fonseca, X. Favory, J. Pons, F. Font, X. Serra, "FSD50K: an open dataset of human-labeled sound events", IEEE/ACM TASLP 30, 2022, arXiv:2010.00475

      Sources, by how the paths of their files begin:
        train  https://github.com/kmarufraj/s-task/raw/main/fsd50k-train-small.zip
          md5 75fc0ae63467ada263ead31afff0978a
        test  https://github.com/kmarufraj/s-task/raw/main/fsd50k-test-small.zip
          md5 1b3c32e6183b6f991b32ad2ee793a2c5
        ground_truth  https://github.com/kmarufraj/s-task/raw/main/fsd50k-ground_truth-small.zip
          md5 e730b34c0d71a4607338c8fea1b3c3d2
        source_metadata  https://github.com/kmarufraj/s-task/raw/main/fsd50k-source_metadata-small.zip
          md5 df52ffa58ffd99b3d2ac151b36c7e71c
      "
    `)
    expect(stderr).toBe('\nNext: hear prepare fsd50k --mode small --out tasks\n')
  })

  test('--json gives the metadata that the mode will have, floats kept as such', async () => {
    const { stdout, code } = await hear(['tasks', 'show', 'speech_commands', '--json'])
    expect(code).toBe(0)
    const document = JSON.parse(stdout)
    expect(document).toMatchObject({
      name: 'speech_commands',
      mode: '5h',
      n_labels: 12,
      licence: 'CC BY 4.0',
    })
    expect(document.task_metadata).toMatchObject({
      tmp_dir: '_workdir',
      mode: '5h',
      splits: ['train', 'valid', 'test'],
    })
    expect(stdout).toContain('"train": 16000.0')
    expect(document.sources[0].md5).toMatch(/^[0-9a-f]{32}$/)
  })

  test('shows a task file of one’s own, and what is wrong in it', async () => {
    const folder = join(dir, 'my # birds')
    mkdirSync(folder)
    const task = {
      about: 'Tell two birds apart.',
      licence: 'CC0',
      citation: 'none',
      config: {
        task_name: 'my_birds',
        version: 'v1',
        embedding_type: 'scene',
        prediction_type: 'multiclass',
        split_mode: 'trainvaltest',
        sample_duration: 3,
        evaluation: ['top1_acc'],
        default_mode: 'full',
      },
      modes: { full: {} },
      sources: { full: [{ name: 'birds', folder: 'recordings' }] },
      clips: { table: 'birds/labels.csv', file: 'file', label: 'bird' },
    }
    for (const [name, text] of [
      ['birds.json', JSON.stringify(task)],
      ['birds.mjs', `export default ${JSON.stringify(task)}`],
    ]) {
      writeFileSync(join(folder, name), text)
      const shown = await hear(['tasks', 'show', join(folder, name)])
      expect(shown.code).toBe(0)
      expect(shown.stdout).toContain('my_birds v1: Tell two birds apart.')
      expect(shown.stdout).toContain(`birds  ${join(folder, 'recordings')}`)
    }
    writeFileSync(join(folder, 'bad.json'), JSON.stringify({ ...task, mode: {} }))
    const bad = await hear(['tasks', 'show', join(folder, 'bad.json')])
    expect(bad.code).toBe(2)
    expect(bad.stderr).toContain('unknown key "mode" (did you mean "modes"?)')
  })

  test.each<[args: string[], message: string]>([
    [['esc5O'], 'hear: Expected the name of a task, found "esc5O".\n  → Did you mean esc50?\n'],
    [
      ['esc50', '--mode', 'smal'],
      'hear: Expected a mode of esc50 (full, small), found "smal".\n  → Did you mean small?\n',
    ],
    [['nowhere/task.json'], 'hear: Cannot read "nowhere/task.json": there is no such file.\n'],
  ])('%s is refused', async (args, message) => {
    const { code, stdout, stderr } = await hear(['tasks', 'show', ...args])
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain(message)
  })
})
