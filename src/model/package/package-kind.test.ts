import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, afterEach, describe, expect, test, vi } from 'vitest'
import { HearError } from '../../base/errors.js'
import type { OpenModelOptions } from '../model-kind.js'
import { openModel } from '../open-model.js'

const scratch = mkdtempSync(join(tmpdir(), 'hearkit-package-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))
afterEach(() => vi.restoreAllMocks())

const FUNCTIONS = `
export const getTimestampEmbeddings = ({ dims: [n] }) => ({
  embeddings: { data: new Float32Array(2 * n), dims: [n, 1, 2] },
  timestamps: { data: new Float32Array(n), dims: [n, 1] },
})
export const getSceneEmbeddings = ({ dims: [n] }) => ({ data: new Float32Array(2 * n), dims: [n, 2] })
`
const ATTRIBUTES = '{ sampleRate: 16000, sceneEmbeddingSize: 2, timestampEmbeddingSize: 2 }'
const SOUND = `export const loadModel = (path) => ({ ...${ATTRIBUTES}, path })\n${FUNCTIONS}`
const SILENCE = { data: new Float32Array(3 * 10), dims: [3, 10] }

let count = 0
/** Writes a package into a folder of its own and returns the folder; `package.json` may be given as an object. */
function write(files: Record<string, string | object>, folder = join(scratch, `p${count++}`)): string {
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content))
  }
  return folder
}

async function refusal(name: string, options: OpenModelOptions = {}): Promise<HearError> {
  const error: unknown = await openModel(name, options).then(
    () => undefined,
    (thrown) => thrown,
  )
  expect(error).toBeInstanceOf(HearError)
  expect((error as HearError).hint, 'every error has a next step').toBeTruthy()
  expect((error as HearError).message).not.toMatch(/\n|package-kind/)
  return error as HearError
}

describe('the entry of a package', () => {
  const named = (manifest: object, entry: string) =>
    write({ 'package.json': { name: 'm', type: 'module', ...manifest }, [entry]: SOUND })
  const folders = {
    'index.js without exports and main': () => named({}, 'index.js'),
    main: () => named({ main: 'lib/model.js' }, 'lib/model.js'),
    'main without its suffix': () => named({ main: './lib/model' }, 'lib/model.js'),
    'main that is a folder': () => named({ main: 'lib' }, 'lib/index.js'),
    'exports as a text': () => named({ exports: './a.js', main: 'other.js' }, 'a.js'),
    'exports of "."': () => named({ exports: { '.': './a.js', './b': './b.js' } }, 'a.js'),
    'exports by condition, the first that fits': () =>
      named(
        { exports: { types: './a.d.ts', browser: './b.js', import: './a.js', default: './c.js' } },
        'a.js',
      ),
    'nested conditions in a list': () =>
      named(
        { exports: { '.': [{ require: './c.cjs' }, { node: { require: './c.cjs', default: './a.js' } }] } },
        'a.js',
      ),
    'index.mjs without a package.json': () => write({ 'index.mjs': SOUND }),
    CommonJS: () =>
      write({
        'package.json': { name: 'm' },
        'index.js': `module.exports = { loadModel: () => (${ATTRIBUTES}), getTimestampEmbeddings() {}, getSceneEmbeddings: ({ dims: [n] }) => ({ data: new Float32Array(2 * n), dims: [n, 2] }) }`,
      }),
    'one object as the default export': () =>
      write({
        'index.mjs': `${SOUND.replaceAll('export ', '')}\nexport default { loadModel, getTimestampEmbeddings, getSceneEmbeddings }`,
      }),
    'a link to the folder': () => {
      const link = join(scratch, `link${count++}`)
      symlinkSync(named({}, 'index.js'), link)
      return link
    },
  }
  test.each(Object.entries(folders))('may be %s', async (_, make) => {
    const { module, model, close } = await openModel(make())
    expect(model.sampleRate).toBe(16000)
    expect(await module.getSceneEmbeddings(SILENCE, model)).toMatchObject({ dims: [3, 2] })
    await close()
  })
})

describe('a package that is installed for the current folder', () => {
  test('is found by its name, above too, with or without a scope', async () => {
    const root = join(scratch, 'project')
    write(
      { 'package.json': { name: 'plain-model', main: 'index.mjs' }, 'index.mjs': SOUND },
      join(root, 'node_modules', 'plain-model'),
    )
    write(
      { 'package.json': { name: '@lab/model', version: '2.0.0', main: 'index.mjs' }, 'index.mjs': SOUND },
      join(root, 'node_modules', '@lab', 'model'),
    )
    mkdirSync(join(root, 'inner'))
    await within(join(root, 'inner'), async () => {
      expect((await openModel('plain-model')).identity.name).toBe('plain-model')
      const { identity } = await openModel('@lab/model')
      expect(identity).toMatchObject({ name: 'lab_model', options: { version: '2.0.0' } })
      const misspelt = await refusal('plain-modle')
      expect(misspelt.hint).toBe('Did you mean "plain-model"?')
      expect(await refusal('@lab/mdoel')).toHaveProperty('hint', 'Did you mean "@lab/model"?')
    })
  })

  test('is not looked for under a name that climbs out of node_modules', async () => {
    write({ 'package.json': { name: 'out' }, 'index.mjs': SOUND }, join(scratch, 'climb', 'out'))
    mkdirSync(join(scratch, 'climb', 'node_modules', '@x'), { recursive: true })
    await within(join(scratch, 'climb'), async () => {
      expect((await refusal('@x/..')).message).toContain('@x/..')
    })
  })

  /** Runs with another current folder: of the whole process, which is this file's alone. */
  async function within(folder: string, work: () => Promise<void>): Promise<void> {
    vi.spyOn(process, 'cwd').mockReturnValue(folder)
    await work()
  }
})

describe('what a model is', () => {
  test('weights go to loadModel as a whole path, and count in the identity beside the code', async () => {
    const folder = write({ 'index.mjs': SOUND, 'package.json': { name: 'm', main: 'index.mjs' } })
    const weights = join(write({ 'w.bin': 'weights' }), 'w.bin')
    const [without, given] = [await openModel(folder), await openModel(folder, { weights })]
    expect(without.model).toHaveProperty('path', undefined)
    expect(given.model).toHaveProperty('path', weights)
    expect(given.identity.weightsHash).not.toBe(without.identity.weightsHash)
    expect(given.identity.options).toEqual(without.identity.options)
    expect(await refusal(folder, { weights: join(folder, 'none.bin') })).toHaveProperty(
      'code',
      'store/file-missing',
    )
  })

  test('licences and peculiarities come from package.json', async () => {
    const folder = write({
      'index.mjs': SOUND,
      'package.json': {
        main: 'index.mjs',
        license: 'MIT',
        hear: { weightsLicense: 'CC0-1.0', irregularTimestamps: true },
      },
    })
    const { declares } = await openModel(folder)
    expect(declares).toEqual({ codeLicense: 'MIT', weightsLicense: 'CC0-1.0', irregularTimestamps: true })
  })

  test('every file counts, but for node_modules and names that begin with a dot', async () => {
    const hashOf = async (files: Record<string, string | object>) =>
      (await openModel(write({ 'index.mjs': SOUND, ...files }))).identity.weightsHash
    const plain = await hashOf({})
    expect(await hashOf({})).toBe(plain)
    expect(await hashOf({ 'node_modules/x/index.js': '1', '.cache/x': '1' })).toBe(plain)
    expect(await hashOf({ 'data/bands.json': '[1]' })).not.toBe(plain)
    expect(await hashOf({ 'data/bands.json': '[1]' })).not.toBe(await hashOf({ 'data/bands.json': '[2]' }))
    expect(await hashOf({ 'data/bands.json': '[1]' })).not.toBe(await hashOf({ 'data/other.json': '[1]' }))
  })

  test('with "files" in package.json those count, with package.json and the entry', async () => {
    const hashOf = async (files: Record<string, string>) =>
      (
        await openModel(
          write({
            'package.json': {
              main: 'index.mjs',
              files: ['lib', './weights/*.bin', '!lib/x', '.hidden', 'missing'],
            },
            'index.mjs': SOUND,
            ...files,
          }),
        )
      ).identity.weightsHash
    const plain = await hashOf({})
    expect(await hashOf({ 'results/run.json': '{}', 'README.md': 'x' })).toBe(plain)
    const others = await Promise.all(
      ['lib/a.js', 'lib/deep/b.js', 'weights/a.bin', '.hidden', 'index.mjs'].map((name) =>
        hashOf({ [name]: `${SOUND}\n//` }),
      ),
    )
    expect(new Set([plain, ...others]).size).toBe(others.length + 1)
  })

  test('the installed versions of what it depends on count, wherever they lie', async () => {
    const folder = write({
      'package.json': {
        main: 'index.mjs',
        dependencies: { near: '*' },
        peerDependencies: { far: '*', hearkit: '*', none: '*' },
      },
      'index.mjs': SOUND,
      'node_modules/near/package.json': { version: '1.2.3' },
      '../node_modules/far/package.json': { version: '4.5.6' },
      '../node_modules/hearkit/package.json': { version: '7.8.9' },
    })
    expect((await openModel(folder)).identity.options.dependencies).toEqual({ far: '4.5.6', near: '1.2.3' })
  })

  test('links that go round in circles end, and one to another folder is followed', async () => {
    const folder = write({ 'index.mjs': SOUND, 'data/a': '1' })
    symlinkSync(folder, join(folder, 'data', 'up'))
    const before = await openModel(folder)
    symlinkSync(write({ 'weights.bin': '1' }), join(folder, 'linked'))
    expect((await openModel(folder)).identity.weightsHash).not.toBe(before.identity.weightsHash)
  })

  test('a name that is none for a folder becomes one', async () => {
    const folder = write({ 'index.mjs': SOUND, 'package.json': { name: '../../etc', main: 'index.mjs' } })
    expect((await openModel(folder)).identity.name).toBe('etc')
  })
})

describe('mistakes are one error each', () => {
  const loads = (model: string) => `export const loadModel = () => (${model})\n${FUNCTIONS}`
  const mistakes: Record<
    string,
    { files: Record<string, string | object>; code: string; says: (string | RegExp)[] }
  > = {
    'no entry': { files: { 'readme.md': '' }, code: 'model/package-entry', says: ['index.js'] },
    'an entry that was not built': {
      files: { 'package.json': { exports: './dist/index.js' } },
      code: 'model/package-entry',
      says: ['./dist/index.js'],
    },
    'an entry outside the folder': {
      files: { 'package.json': { main: '../p0/index.js' } },
      code: 'model/package-entry',
      says: ['../p0/index.js', 'leaves'],
    },
    'exports without an entry': {
      files: { 'package.json': { exports: { './other': './a.js' } }, 'index.js': SOUND },
      code: 'model/package-entry',
      says: ['"."'],
    },
    'a package.json that is no JSON': {
      files: { 'package.json': '{', 'index.js': SOUND },
      code: 'store/not-json',
      says: ['package.json'],
    },
    'an unknown key for hear': {
      files: { 'package.json': { hear: { weightLicense: 'MIT' } }, 'index.mjs': SOUND },
      code: 'store/json-content',
      says: ['package.json', 'weightLicense'],
    },
    'an error on import': {
      files: {
        'index.mjs': 'import "./lib.mjs"',
        'lib.mjs': '\nthrow new RangeError("no GPU here.\\n\\u001b[2J")',
      },
      code: 'model/package-import',
      says: ['RangeError: no GPU here', 'lib.mjs:2'],
    },
    'something thrown that is no error': {
      files: { 'index.mjs': 'throw "just text"' },
      code: 'model/package-import',
      says: ['it threw just text'],
    },
    'a dependency that is not installed': {
      files: { 'index.mjs': 'import "not-there-at-all"' },
      code: 'model/package-import',
      says: ['not-there-at-all', 'npm install'],
    },
    'no loadModel, but one like it': {
      files: { 'index.mjs': SOUND.replace('loadModel', 'loadmodel') },
      code: 'model/package-exports',
      says: ['getSceneEmbeddings', 'Is it "loadmodel"?'],
    },
    'loadModel that is no function': {
      files: { 'index.mjs': SOUND.replace(/loadModel = .*\n/, 'loadModel = 1\n') },
      code: 'model/package-exports',
      says: ['loadModel as number'],
    },
    'nothing exported': {
      files: { 'index.mjs': '' },
      code: 'model/package-exports',
      says: ['no named exports'],
    },
    'loadModel that fails': {
      files: {
        'index.mjs': `${FUNCTIONS}\nexport async function loadModel() {\n  throw new Error('no weights')\n}`,
      },
      code: 'model/package-load',
      says: ['no weights', /index\.mjs:\d+:9/, '--weights'],
    },
    'loadModel that returns nothing': {
      files: { 'index.mjs': loads('undefined') },
      code: 'model/package-load',
      says: ['nothing'],
    },
  }
  test.each(Object.entries(mistakes))('%s', async (_, { files, code, says }) => {
    const folder = write(files)
    const error = await refusal(folder)
    expect(error.code, error.message).toBe(code)
    const text = `${error.message} → ${error.hint}`
    for (const said of says) expect(text).toMatch(said)
    expect(text).not.toContain('\u001b')
  })

  test('a folder that is not there, with the nearest', async () => {
    write({ 'index.mjs': SOUND }, join(scratch, 'near', 'my-model'))
    const error = await refusal(join(scratch, 'near', 'my-modle'))
    expect(error).toMatchObject({ code: 'model/no-such-folder' })
    expect(error.hint).toBe(`Did you mean "${join(scratch, 'near', 'my-model')}"?`)
  })

  test.each([
    ['model.js', /Give its folder/],
    ['naive.py', /--model py:naive/],
    ['model.pt', /--weights/],
  ])('a file, %s, in place of a folder', async (file, hint) => {
    const error = await refusal(join(write({ [file]: '' }), file))
    expect(error).toMatchObject({ code: 'model/not-a-folder', hint: expect.stringMatching(hint) })
  })

  test('what fails when embedding says where in the package', async () => {
    const folder = write({
      'index.mjs': `export const loadModel = () => (${ATTRIBUTES})
export const getTimestampEmbeddings = () => {}
export const getSceneEmbeddings = (audio) => audio.nothing.there
`,
    })
    const { module, model } = await openModel(folder)
    await expect(module.getSceneEmbeddings(SILENCE, model)).rejects.toMatchObject({
      name: 'TypeError',
      message: expect.stringMatching(/nothing|undefined.*\(index\.mjs:3:\d+\)$/),
    })
  })
})

test('what a package lacks is left to whoever uses it; one of scenes only says so in package.json', async () => {
  const scenes = `export const loadModel = () => ({ sampleRate: 16000, sceneEmbeddingSize: 2 })
export const getSceneEmbeddings = () => {}`
  const files = { 'package.json': { main: 'index.mjs', hear: { sceneOnly: true } }, 'index.mjs': scenes }
  const { module, declares } = await openModel(write(files))
  expect(declares.sceneOnly).toBe(true)
  expect(Object.keys(module).sort()).toEqual(['getSceneEmbeddings', 'loadModel'])
})
