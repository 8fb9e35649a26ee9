import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { fixtureModels } from '../../../test/models.js'
import { TINY_WEIGHTS, type TinyOnnxParts, tinyOnnx } from '../../../test/tiny-onnx.js'
import { HearError } from '../../base/errors.js'
import { ProtobufMessage } from '../../base/protobuf-message.js'
import { openModel } from '../open-model.js'
import type { ByteSource } from './byte-source.js'
import { checkContract } from './onnx-contract.js'
import { readOnnx } from './onnx-file.js'

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'hearkit-hostile-'))
  mkdirSync(join(dir, 'model'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

function written(parts: TinyOnnxParts): string {
  const path = join(dir, 'model', 'tiny.onnx')
  writeFileSync(path, tinyOnnx(parts))
  return path
}

async function refusal(path: string): Promise<HearError> {
  const error = await openModel(path).then(
    async ({ close }) => close(),
    (thrown) => thrown,
  )
  expect(error).toBeInstanceOf(HearError)
  return error as HearError
}

const source = (bytes: Uint8Array): ByteSource => ({
  path: 'memory.onnx',
  size: bytes.length,
  read: (at, length) => bytes.subarray(at, at + length),
})

async function sceneOf(path: string): Promise<number[]> {
  const { module, model, close } = await openModel(path)
  try {
    const scene = await module.getSceneEmbeddings({ data: Float32Array.of(1, 3), dims: [1, 2] }, model)
    return [...scene.data]
  } finally {
    await close()
  }
}

describe('weights in other files', () => {
  test('are read beside the model, in folders too, and are part of its hash', async () => {
    mkdirSync(join(dir, 'model', 'data'))
    const weights = join(dir, 'model', 'data', 'weights.bin')
    writeFileSync(weights, TINY_WEIGHTS)
    const path = written({ location: 'data/weights.bin' })
    expect(await sceneOf(path)).toEqual([2, 4, 6, 8])
    const hash = async () => {
      const { identity, close } = await openModel(path)
      await close()
      return identity.weightsHash
    }
    const before = await hash()
    writeFileSync(weights, new Uint8Array(16))
    expect(await hash()).not.toBe(before)
  })

  const HIDDEN = [undefined, 'subgraph', 'function', 'sparse', 'training'] as const

  test.each(
    HIDDEN.flatMap((hidden) =>
      ['../secret.bin', 'a/../../secret.bin', '/etc/passwd', 'C:\\secret.bin', '..\\secret.bin'].map(
        (location) => ({ hidden, location }),
      ),
    ),
  )('in $location ($hidden) are refused', async ({ hidden, location }) => {
    writeFileSync(join(dir, 'secret.bin'), TINY_WEIGHTS)
    mkdirSync(join(dir, 'model', 'a'))
    const error = await refusal(written({ location, hidden }))
    expect(error.code).toBe('model/onnx-external-path')
    expect(error.message).toContain('leaves the folder of the model')
  })

  test('behind a link that leaves the folder are refused, behind one that stays they are read', async () => {
    writeFileSync(join(dir, 'secret.bin'), TINY_WEIGHTS)
    symlinkSync(join(dir, 'secret.bin'), join(dir, 'model', 'link.bin'))
    expect((await refusal(written({ location: 'link.bin' }))).message).toContain('through a link')
    symlinkSync(dir, join(dir, 'model', 'up'))
    expect((await refusal(written({ location: 'up/secret.bin' }))).message).toContain('through a link')
    writeFileSync(join(dir, 'model', 'weights.bin'), TINY_WEIGHTS)
    symlinkSync('weights.bin', join(dir, 'model', 'inside.bin'))
    expect(await sceneOf(written({ location: 'inside.bin' }))).toEqual([2, 4, 6, 8])
  })

  test('at an address in memory, in a folder, or nowhere are refused', async () => {
    mkdirSync(join(dir, 'model', '*', '_ORT_MEM_ADDR_', '*'), { recursive: true })
    expect((await refusal(written({ location: '*/_ORT_MEM_ADDR_/*' }))).code).toBe('model/onnx-external-path')
    expect((await refusal(written({ location: '*' }))).message).toContain('no ordinary file')
    expect((await refusal(written({ location: 'none.bin' }))).code).toBe('model/onnx-external-missing')
    expect((await refusal(written({ location: '' }))).code).toBe('model/onnx-external-path')
  })

  test('that are too short are one error of the load', async () => {
    writeFileSync(join(dir, 'model', 'weights.bin'), new Uint8Array(3))
    expect((await refusal(written({ location: 'weights.bin' }))).code).toBe('model/onnx-load')
  })
})

describe('what onnxruntime cannot run', () => {
  test.each([
    ['an operator that is none', { operator: 'MatMxl' }, 'model/onnx-operator'],
    ['an operator set of the future', { opset: 99 }, 'model/onnx-opset'],
  ] as const)('%s is told when it is loaded', async (_, parts, code) => {
    const error = await refusal(written(parts))
    expect(error.code).toBe(code)
    expect(error.message).toContain('onnxruntime says')
    expect(error.hint).toContain('docs/onnx.md')
  })

  test('more memory than there is is told when it runs', async () => {
    const path = written({ zeros: 2 ** 46 })
    await expect(sceneOf(path)).rejects.toMatchObject({ code: 'model/out-of-memory' })
  })

  test('another shape than declared is told when it runs', async () => {
    await expect(sceneOf(written({ zeros: 5 }))).rejects.toMatchObject({
      code: 'model/onnx-output',
      message: expect.stringContaining(
        'scene_embeddings float32 [5] for audio [1, 2]; expected float32 [1, 4]',
      ),
    })
  })
})

describe('metadata', () => {
  const issuesOf = (metadata: Record<string, string>) =>
    checkContract(readOnnx(source(tinyOnnx({ metadata })))).issues.map(
      ({ code, where }) => `${code} ${where}`,
    )

  test('of wrong values, misspelt, or of another version of the contract are issues', () => {
    expect(issuesOf({ 'hear.sample_rate': '16000' })).toEqual([])
    expect(issuesOf({ 'hear.sample_rate': '16k' })).toEqual(['model/onnx-metadata-value hear.sample_rate'])
    expect(issuesOf({ 'hear.sample_rate': '16000', 'hear.chunkin': 'halo' })).toEqual([
      'model/onnx-metadata-unknown hear.chunkin',
    ])
    expect(issuesOf({ 'hear.sample_rate': '16000', 'hear.contract': '2' })).toEqual([
      'model/onnx-metadata-value hear.contract',
    ])
    expect(issuesOf({ 'hear.sample_rate': '16000', 'hear.chunking': 'halo' })).toEqual([
      'model/onnx-metadata-missing hear.halo_samples',
      'model/onnx-metadata-missing hear.chunk_align_samples',
    ])
    for (const [key, value] of [
      ['min_samples', '999999999999'],
      ['scene_embedding_size', '99999999999'],
    ])
      expect(issuesOf({ 'hear.sample_rate': '16000', [`hear.${key}`]: value })).toEqual([
        `model/onnx-metadata-value hear.${key}`,
      ])
    const fixed = { 'hear.sample_rate': '16000', 'hear.chunking': 'fixed', 'hear.window_samples': '16000' }
    expect(issuesOf(fixed)).toEqual([])
    for (const hop of ['1', '16001'])
      expect(issuesOf({ ...fixed, 'hear.window_hop_samples': hop })).toEqual([
        'model/onnx-metadata-value hear.window_hop_samples',
      ])
    expect(issuesOf({ 'hear.sample_rate': '16000', 'hear.scene_embedding_size': '5' })).toEqual([
      'model/onnx-metadata-value hear.scene_embedding_size',
    ])
  })

  test('that remark something the contract does not name are kept, and no issue', () => {
    const metadata = { 'hear.sample_rate': '16000', 'hear.chunking_note': 'why', 'hear.date': 'today' }
    const checked = checkContract(readOnnx(source(tinyOnnx({ metadata }))))
    expect(checked.issues).toEqual([])
    expect(checked.metadata.remarks.map(({ key }) => key)).toEqual(['hear.chunking_note', 'hear.date'])
  })
})

test('a file that takes one sound at a time gets one at a time', async () => {
  const { module, model, close } = await openModel(written({ oneSound: true }))
  const two = { data: Float32Array.of(1, 3, 10, 30), dims: [2, 2] }
  const { data, dims } = await module.getSceneEmbeddings(two, model)
  await close()
  expect(dims).toEqual([2, 4])
  expect([...data]).toEqual([2, 4, 6, 8, 20, 40, 60, 80])
})

test('a pipe that nobody writes to is no file, and nothing waits for it', async () => {
  const path = join(dir, 'pipe.onnx')
  // There is no mkfifo on Windows: the path is not there then.
  const made = spawnSync('mkfifo', [path]).status === 0
  expect((await refusal(path)).code).toBe(made ? 'store/not-a-file' : 'store/file-missing')
})

describe('bytes of any kind', () => {
  const seeds = [...fixtureModels('good').map((path) => new Uint8Array(readFileSync(path))), tinyOnnx()]

  const read = (bytes: Uint8Array) => {
    try {
      checkContract(readOnnx(source(bytes)))
    } catch (error) {
      if (!(error instanceof HearError)) throw error
    }
  }

  test('never give anything but a description or a clear error', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => read(bytes)),
      { seed: 1, numRuns: 2000 },
    )
    const flips = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 8 })
    fc.assert(
      fc.property(fc.nat(seeds.length - 1), flips, fc.option(fc.nat()), (which, changes, cut) => {
        const bytes = seeds[which].slice(0, cut === null ? undefined : cut % seeds[which].length)
        for (const [at, value] of changes) if (bytes.length > 0) bytes[at % bytes.length] = value
        read(bytes)
      }),
      { seed: 2, numRuns: 500 },
    )
  })

  test('that nest graphs without end are refused', () => {
    let graph = new ProtobufMessage()
    for (let i = 0; i < 200; i++) {
      const attribute = new ProtobufMessage().message(6, graph)
      graph = new ProtobufMessage().message(1, new ProtobufMessage().message(5, attribute))
    }
    const bytes = new Uint8Array(new ProtobufMessage().message(7, graph).encode())
    expect(() => readOnnx(source(bytes))).toThrow(/nested \d+ deep/)
  })

  test('cut off anywhere are told to be cut off, or are no ONNX file', () => {
    const whole = tinyOnnx()
    for (let length = 0; length < whole.length; length++)
      try {
        checkContract(readOnnx(source(whole.subarray(0, length))))
      } catch (error) {
        expect((error as HearError).code).toMatch(/^model\/onnx-(truncated|malformed)$/)
      }
    expect(() => readOnnx(source(whole.subarray(0, 60)))).toThrow('is cut off')
  })
})
