import { copyFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { fixtureModels } from '../models.js'
import { tinyOnnx } from '../tiny-onnx.js'
import { hear, scratchFolder } from './hear.js'

const scratch = scratchFolder()
const tasks = join(scratch, 'tasks')
beforeAll(() => hear(['tasks', 'demo', '--out', tasks, '--sample-rates', '16000']))

const model = (name: string) =>
  [...fixtureModels('good'), ...fixtureModels('bad')].find((path) => basename(path) === `${name}.onnx`)!

test('hear onnx show says what a file takes and gives, what is missing, and how to set it', async () => {
  const path = join(scratch, 'tiny.onnx')
  writeFileSync(path, tinyOnnx({ metadata: { 'hear.name': 'tiny\u001b[2J', 'hear.hop_ms': '50 ms' } }))
  const { stdout, code } = await hear(['onnx', 'show', path])
  expect(code).toBe(0)
  expect(stdout.replaceAll(scratch, 'DIR')).toMatchInlineSnapshot(`
    "DIR/tiny.onnx
      266 bytes, 2 nodes, operator sets ai.onnx 17, IR 8

    Inputs
      audio  float32 [n_sounds, n_samples]

    Outputs
      scene_embeddings  float32 [n_sounds, 4]

    Metadata
      hear.name    tiny�[2J  name of the model, for people
      hear.hop_ms  50 ms     time from frame to frame

    It does not follow the contract:
      hear.hop_ms: expected milliseconds, above 0, found "50 ms"
        → hear onnx set DIR/tiny.onnx hop_ms=...
      hear.sample_rate: expected one of 16000, 22050, 32000, 44100, 48000 (rate of the audio it takes, in Hz), needed for every model, found nothing
        → hear onnx set DIR/tiny.onnx sample_rate=...

    Worth setting
      hear.min_samples      the shortest clip it takes; now 1
      hear.chunking         long clips run whole now; halo or fixed keeps memory bounded
      hear.code_license     licence of the code, an SPDX identifier
      hear.weights_license  licence of the weights, an SPDX identifier
      hear.source           where it comes from, a URL
    "
  `)
})

test('hear onnx show --json is one document with every issue', async () => {
  const { stdout, code } = await hear(['onnx', 'show', model('bad_dtype_float64'), '--json'])
  expect(code).toBe(0)
  const shown = JSON.parse(stdout)
  expect(shown).toMatchObject({ format: 'hearkit-onnx/1', followsContract: false })
  expect(shown.issues.map(({ where }: { where: string }) => where)).toEqual([
    'output timestamp_embeddings',
    'output timestamps',
    'output scene_embeddings',
  ])
})

test('hear onnx set mends a file without its metadata, there or in a copy', async () => {
  const [path, out] = [join(scratch, 'model.onnx'), join(scratch, 'copy', 'model.onnx')]
  copyFileSync(model('bad_no_metadata_sample_rate'), path)
  const before = readFileSync(path)
  const copied = await hear(['onnx', 'set', path, 'sample_rate=16000', '--out', out])
  expect(copied).toMatchObject({ code: 0, stdout: `${out}\n`, stderr: `Next: hear validate ${out}\n` })
  expect(readFileSync(path).equals(before)).toBe(true)
  const shown = await hear(['onnx', 'show', out, '--json'])
  expect(JSON.parse(shown.stdout).followsContract).toBe(true)

  const refused = await hear(['onnx', 'set', path, 'sample_rate=44.1'])
  expect(refused).toMatchObject({ code: 2, stdout: '' })
  expect(refused.stderr).toContain('one of 16000, 22050, 32000, 44100, 48000')
  expect(readFileSync(path).equals(before)).toBe(true)
})

test.each([
  ['no ONNX file', 'hello', 'is not an ONNX file'],
  ['an empty file', '', 'it is empty'],
])('%s is one error and exit 2, whatever the command', async (_, content, says) => {
  const path = join(scratch, 'other.onnx')
  writeFileSync(path, content)
  const out = join(scratch, 'results')
  for (const args of [
    ['onnx', 'show', path],
    ['onnx', 'set', path, 'name=x'],
    ['run', '--model', path, '--tasks', tasks, '--out', out],
  ]) {
    const { code, stderr, stdout } = await hear(args)
    expect(stderr).toContain(says)
    expect(stderr).not.toMatch(/^\s+at /m)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  }
  expect(existsSync(out)).toBe(false)
})

test('hear run scores an ONNX file, and the second time finds its own embeddings', async () => {
  const out = join(scratch, 'scores')
  const args = [
    'run',
    '--model',
    model('good_logmel'),
    '--tasks',
    tasks,
    '--task',
    'demo_pitch',
    '--out',
    out,
  ]
  const quick = ['--grid-points', '1', '--grid', 'faster']
  const first = await hear([...args, ...quick])
  expect(first.stderr).toContain('good_logmel, ONNX at 16000 Hz, CC0-1.0')
  expect(first.code).toBe(0)
  const embeddings = join(out, 'embeddings', 'good_logmel', 'demo_pitch-hearkit1-small', 'embedding.json')
  expect(JSON.parse(readFileSync(embeddings, 'utf8')).model.options.adapter).toBe('onnx')
  const second = await hear([...args, ...quick])
  expect(second.stderr).toContain('from an earlier run')
})

test('a model of scenes is told that events are not for it, and nothing is left behind', async () => {
  const out = join(scratch, 'none')
  const { code, stderr } = await hear([
    'embed',
    '--model',
    model('good_scene_only'),
    '--tasks',
    tasks,
    '--task',
    'demo_events',
    '--out',
    out,
  ])
  expect(stderr).toContain('has no timestamp embeddings')
  expect(code).toBe(2)
  expect(existsSync(out)).toBe(false)
})

test.each([['onnx'], ['onnx', 'show'], ['onnx', 'set']])(
  'hear %s %s --help has an example',
  async (...words) => {
    const { stdout, code } = await hear([...words.filter((word) => word !== undefined), '--help'])
    expect(code).toBe(0)
    expect(stdout).toMatch(/Examples?:\n {2}hear onnx /)
  },
)
