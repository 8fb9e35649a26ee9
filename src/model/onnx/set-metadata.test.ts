import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { fixtureModels } from '../../../test/models.js'
import { tinyOnnx } from '../../../test/tiny-onnx.js'
import { readOnnxFile } from './onnx-file.js'
import { parseSetting, setMetadata } from './set-metadata.js'

let dir: string
let path: string
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'hearkit-set-'))
  path = join(dir, 'model.onnx')
})
afterAll(() => rmSync(dir, { recursive: true, force: true }))
beforeEach(() =>
  writeFileSync(path, tinyOnnx({ metadata: { 'hear.name': 'old', other: 'kept', 'hear.source': 'here' } })),
)

const entries = (file: string) =>
  Object.fromEntries(readOnnxFile(file).metadata.map(({ key, value }) => [key, value]))

test('keys are set, replaced and removed, and the version of the contract is added', async () => {
  await setMetadata(path, ['sample_rate=16000', 'hear.name=new = better', 'source='].map(parseSetting), path)
  expect(entries(path)).toEqual({
    other: 'kept',
    'hear.sample_rate': '16000',
    'hear.name': 'new = better',
    'hear.contract': '1',
  })
  expect(readdirSync(dir)).toEqual(['model.onnx'])
})

test('every other byte stays as it is', async () => {
  const models = fixtureModels('good')
  expect(models.length).toBeGreaterThan(0)
  for (const model of models) {
    const before = readFileSync(model)
    const out = join(dir, 'out.onnx')
    await setMetadata(model, [['code_license', 'MIT']], out)
    const { metadata } = readOnnxFile(model)
    const { start, end } = metadata.find(({ key }) => key === 'hear.code_license')!
    const kept = Buffer.concat([before.subarray(0, start), before.subarray(end)])
    const after = readFileSync(out)
    expect(after.subarray(0, kept.length).equals(kept)).toBe(true)
    expect(entries(out)).toEqual({ ...entries(model), 'hear.code_license': 'MIT' })
    expect(readFileSync(model).equals(before)).toBe(true)
    rmSync(out)
  }
})

test('a key that the file has twice is there once afterwards', async () => {
  const twice = Buffer.concat([
    readFileSync(path),
    tinyOnnx({ metadata: { 'hear.name': 'again' } }).slice(-26),
  ])
  writeFileSync(path, twice)
  const names = () => readOnnxFile(path).metadata.filter(({ key }) => key === 'hear.name')
  expect(names()).toHaveLength(2)
  await setMetadata(path, [['name', 'one']], path)
  expect(names().map(({ value }) => value)).toEqual(['one'])
})

test.each([
  ['sample_rte=16000', 'no key "sample_rte"', 'Did you mean "sample_rate"?'],
  ['sample_rate=16', 'one of 16000, 22050, 32000, 44100, 48000', 'sample_rate='],
  ['sample_rate', 'Expected key=value', 'sample_rate=16000'],
  ['=3', 'Expected key=value', 'key='],
  ['hop_ms=-5', 'milliseconds, above 0', 'hop_ms='],
  ['hop_ms=1e999', 'milliseconds, above 0', 'hop_ms='],
  ['min_samples=1.5', 'a whole number from 1 to 57600000', 'min_samples='],
  ['chunking=Halo', 'none or halo or fixed', 'chunking='],
  ['scene_from_timestamps=mean_every_0', 'mean or mean_every_k', 'scene_from_timestamps='],
])('%s is refused', (text, message, hint) => {
  expect(() => parseSetting(text)).toThrow(
    expect.objectContaining({
      message: expect.stringContaining(message),
      hint: expect.stringContaining(hint),
    }),
  )
})

test('a file that is no ONNX file stays as it is', async () => {
  writeFileSync(path, 'hello, I am no model')
  await expect(setMetadata(path, [['name', 'x']], path)).rejects.toMatchObject({
    code: expect.stringMatching(/^model\/onnx-/),
  })
  expect(readFileSync(path, 'utf8')).toBe('hello, I am no model')
  expect(readdirSync(dir)).toEqual(['model.onnx'])
})
