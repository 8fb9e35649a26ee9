import { execFile, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, test } from 'vitest'
import { hear, main, scratchFolder } from './hear.js'

const scratch = scratchFolder()
const tasks = join(scratch, 'tasks')
const root = fileURLToPath(new URL('../..', import.meta.url))
const run = promisify(execFile)
beforeAll(() => hear(['tasks', 'demo', '--out', tasks, '--sample-rates', '16000']))

const quick = ['--grid', 'faster', '--grid-points', '1']
const ATTRIBUTES = '{ sampleRate: 16000, sceneEmbeddingSize: 2, timestampEmbeddingSize: 2 }'
const FUNCTIONS = `export const getTimestampEmbeddings = () => {}
export const getSceneEmbeddings = ({ dims: [n] }) => ({ data: new Float32Array(2 * n), dims: [n, 2] })
`
const SOUND = `export const loadModel = () => (${ATTRIBUTES})\n${FUNCTIONS}`

let count = 0
function write(files: Record<string, string>): string {
  const folder = join(scratch, `p${count++}`)
  mkdirSync(folder)
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
  return folder
}

const embed = (model: string, ...more: string[]) =>
  hear([
    'embed',
    '--model',
    model,
    '--tasks',
    tasks,
    '--task',
    'demo_pitch',
    '--out',
    `${model}-out`,
    ...more,
  ])

describe('hear init model', () => {
  const folder = join(scratch, 'My Model')
  beforeAll(async () => {
    const { code, stdout, stderr } = await hear(['init', 'model', folder])
    expect({ code, stderr }).toMatchObject({ code: 0 })
    expect(stderr).toContain('my-model is a working model')
    expect(stdout.trim().split('\n').sort()).toEqual(
      readdirSync(folder)
        .sort()
        .map((name) => join(folder, name)),
    )
  })

  test('writes a package whose own test passes', async () => {
    const { NODE_OPTIONS: _, NODE_TEST_CONTEXT: __, ...env } = process.env
    const { stdout } = await run(process.execPath, ['--test'], { cwd: folder, env })
    expect(stdout).toMatch(/pass [1-9]/)
    expect(stdout).toMatch(/fail 0/)
  })

  test('writes a package that passes the validator without findings', async () => {
    const { code, stdout } = await hear(['validate', folder, '--json'])
    const report = JSON.parse(stdout)
    expect({ code, verdict: report.verdict, findings: report.findings }).toEqual({
      code: 0,
      verdict: 'pass',
      findings: [],
    })
  })

  test('writes a package that scores, and whose embeddings are kept while its files stay the same', async () => {
    const args = ['run', '--model', folder, '--tasks', tasks, '--out', join(folder, 'results'), ...quick]
    const first = await hear(args)
    expect(first.code, first.stderr).toBe(0)
    expect(first.stderr).toContain('my-model 0.1.0, a package, Apache-2.0')
    const embedding = join(
      folder,
      'results',
      'embeddings',
      'my-model',
      'demo_pitch-hearkit1-small',
      'embedding.json',
    )
    expect(JSON.parse(readFileSync(embedding, 'utf8')).model.options).toMatchObject({
      adapter: 'package',
      version: '0.1.0',
    })
    expect((await hear(args)).stderr).toContain('from an earlier run')
    writeFileSync(join(folder, 'index.js'), `${readFileSync(join(folder, 'index.js'), 'utf8')}\n// changed\n`)
    const third = await hear(['embed', ...args.slice(1, 7)])
    expect(third.stderr).not.toContain('from an earlier run')
  })

  test('writes a package whose types hold', () => {
    mkdirSync(join(folder, 'node_modules'), { recursive: true })
    symlinkSync(root, join(folder, 'node_modules', 'hearkit'))
    const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
    const options = [
      '--noEmit',
      '--checkJs',
      '--strict',
      '--target',
      'es2022',
      '--module',
      'nodenext',
      '--skipLibCheck',
    ]
    const { status, stdout } = spawnSync(process.execPath, [tsc, ...options, 'index.js', 'index.d.ts'], {
      cwd: folder,
      encoding: 'utf8',
    })
    expect(stdout).toBe('')
    expect(status).toBe(0)
  })

  test('refuses a folder that is not empty, and leaves it as it is', async () => {
    const full = write({ 'thesis.txt': 'years of work' })
    const { code, stderr } = await hear(['init', 'model', full])
    expect(code).toBe(2)
    expect(stderr).toContain('is not empty (thesis.txt)')
    expect(readdirSync(full)).toEqual(['thesis.txt'])
  })

  test.each(['Upper', '../up', '', 'a b', `${'x'.repeat(215)}`])('refuses the name "%s"', async (name) => {
    const { code, stderr } = await hear(['init', 'model', join(scratch, 'never'), '--name', name])
    expect(code).toBe(2)
    expect(stderr).toMatch(/name of an npm package[\s\S]*--name/)
    expect(existsSync(join(scratch, 'never'))).toBe(false)
  })

  test('takes a name with a scope', async () => {
    const scoped = join(scratch, 'scoped')
    expect((await hear(['init', 'model', scoped, '--name', '@lab/model'])).code).toBe(0)
    expect(JSON.parse(readFileSync(join(scoped, 'package.json'), 'utf8')).name).toBe('@lab/model')
    expect(readFileSync(join(scoped, 'README.md'), 'utf8')).toMatch(/^# @lab\/model\n/)
  })
})

describe('a package that Node cannot import is one error and exit 2', () => {
  const mistakes: Record<string, { files: Record<string, string>; says: RegExp[] }> = {
    'a mistake in the syntax': {
      files: { 'index.mjs': 'export const a = 1\nexport const b = ;\n' },
      says: [/SyntaxError: Unexpected token ';'/, /See where: node .*index\.mjs/],
    },
    'an error on import': {
      files: { 'index.mjs': '\n\nthrow new RangeError("no luck")' },
      says: [/RangeError: no luck \(index\.mjs:3:7\)/],
    },
    'TypeScript that was not built': {
      files: { 'index.ts': SOUND },
      says: [/is TypeScript/, /Build it first/],
    },
    'ES modules in a CommonJS file': { files: { 'index.cjs': SOUND }, says: [/"type": "module"/] },
    'a package that is not installed': {
      files: { 'index.mjs': `import 'not-there-at-all'\n${SOUND}` },
      says: [/not-there-at-all/, /npm install/],
    },
    'a file that is not there': { files: { 'index.cjs': 'require("./weights.js")' }, says: [/weights\.js/] },
  }
  test.each(Object.entries(mistakes))('%s', async (name, { files, says }) => {
    // Later versions of Node run simple TypeScript as it is.
    if (name.startsWith('TypeScript') && 'typescript' in process.features && process.features.typescript)
      return
    const model = write(files)
    const { code, stdout, stderr } = await embed(model)
    expect({ code, stdout }, stderr).toEqual({ code: 2, stdout: '' })
    for (const said of says) expect(stderr).toMatch(said)
    expect(stderr).not.toMatch(/^\s+at /m)
    expect(existsSync(`${model}-out`)).toBe(false)
  })
})

describe('a package that lacks something is one error and exit 2', () => {
  const lacks: Record<string, [string, RegExp[]]> = {
    'a function, but for its spelling': [
      SOUND.replace('getSceneEmbeddings', 'getSceneEmbedding'),
      [/no function getSceneEmbeddings/, /It has .*loadModel/, /Is it "getSceneEmbedding"/],
    ],
    'a function, where another thing has its name': [
      SOUND.replace(/getSceneEmbeddings = .*/, 'getSceneEmbeddings = 1'),
      [/no function getSceneEmbeddings/],
    ],
    'a sample rate': [SOUND.replace('sampleRate: 16000,', ''), [/nothing as sampleRate/]],
    'a size that is a number': [
      SOUND.replace('sceneEmbeddingSize: 2', 'sceneEmbeddingSize: "2"'),
      [/"2" as sceneEmbeddingSize/],
    ],
  }
  test.each(Object.entries(lacks))('%s', async (_, [text, says]) => {
    const model = write({ 'index.mjs': text })
    const { code, stdout, stderr } = await embed(model)
    expect({ code, stdout }, stderr).toEqual({ code: 2, stdout: '' })
    for (const said of says) expect(stderr).toMatch(said)
    expect(existsSync(`${model}-out`)).toBe(false)
  })

  test('and in the validator a finding of its own', async () => {
    const model = write({
      'index.mjs': SOUND.replace('getTimestampEmbeddings', 'x').replace('16000', '16001'),
    })
    const { code, stdout } = await hear(['validate', model, '--quick', '--json'])
    expect(code).toBe(2)
    const codes = JSON.parse(stdout).findings.map((finding: { code: string }) => finding.code)
    expect(codes).toEqual(['attributes/sample-rate', 'functions/missing', 'licence/missing'])
  })
})

describe('a package that goes wrong at work', () => {
  const scenes = (body: string) => SOUND.replace(/getSceneEmbeddings = .*/, `getSceneEmbeddings = ${body}`)
  const faults: Record<string, [string, RegExp]> = {
    'the wrong size': [
      scenes('({ dims: [n] }) => ({ data: new Float32Array(3 * n), dims: [n, 3] })'),
      /\[\d+, 2\], found \[\d+, 3\]/,
    ],
    doubles: [scenes('({ dims: [n] }) => ({ data: new Float64Array(2 * n), dims: [n, 2] })'), /Float64Array/],
    nothing: [scenes('() => {}'), /found nothing/],
    'an exception': [scenes('(audio) => audio.nothing.there'), /failed on the clip .*\(index\.mjs:3:\d+\)/],
  }
  test.each(Object.entries(faults))(
    '%s: the error names the clip, and nothing is left behind',
    async (_, [text, says]) => {
      const model = write({ 'index.mjs': text })
      const { code, stdout, stderr } = await embed(model)
      expect({ code, stdout }, stderr).toEqual({ code: 2, stdout: '' })
      expect(stderr).toMatch(says)
      expect(stderr).toContain('.wav')
      expect(stderr).not.toMatch(/^\s+at /m)
    },
  )

  test.each([
    ['calls process.exit', 'export const loadModel = () => process.exit(0)'],
    ['waits for ever', 'export const loadModel = () => new Promise(() => {})'],
    [
      'throws where nothing can catch it',
      'export const loadModel = () => { setTimeout(() => { throw new Error("late") }); return new Promise(() => {}) }',
    ],
  ])('one that %s does not look like success', async (_, loadModel) => {
    const { code, stdout, stderr } = await embed(
      write({ 'index.mjs': `${loadModel}\n${FUNCTIONS}` }),
      '--json',
    )
    expect(code).toBeGreaterThan(0)
    expect(stdout).toBe('')
    expect(stderr).toContain('ended before the command was done')
  })
})

test('what a package prints goes to stderr, so that --json is one document on stdout', async () => {
  const model = write({
    'index.mjs': `console.log('on import')\n${SOUND.replace('=> ({ data', '=> (console.log("{}"), { data')}`,
  })
  const { code, stdout, stderr } = await embed(model, '--json')
  expect(code, stderr).toBe(0)
  expect(stderr).toContain('on import')
  expect(stderr).toContain('{}')
  expect(Object.keys(JSON.parse(stdout))).toEqual(['embeddings'])
})

test('an installed package is named as npm names it, and a misspelling is corrected', async () => {
  const project = join(scratch, 'project')
  const folder = join(project, 'node_modules', 'some-model')
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'package.json'), '{"name": "some-model", "version": "3.2.1", "type": "module"}')
  writeFileSync(join(folder, 'index.js'), SOUND)
  const at = (model: string) =>
    spawnSync(
      process.execPath,
      [main, 'embed', '--model', model, '--tasks', tasks, '--task', 'demo_pitch', '--out', 'out'],
      {
        cwd: project,
        encoding: 'utf8',
      },
    )
  const found = at('some-model')
  expect(found.status, found.stderr).toBe(0)
  expect(found.stderr).toContain('some-model 3.2.1, a package')
  mkdirSync(join(project, 'own-model'))
  for (const [name, meant] of [
    ['some-modle', 'some-model'],
    ['own-model', './own-model'],
  ]) {
    const missing = at(name)
    expect(missing.status).toBe(2)
    expect(missing.stderr).toContain(`Did you mean "${meant}"?`)
  }
})

test.each([['init'], ['init', 'model']])('hear %s %s --help has an example', async (...words) => {
  const { stdout, code } = await hear([...words.filter((word) => word !== undefined), '--help'])
  expect(code).toBe(0)
  expect(stdout).toMatch(/Example:\n {2}hear init model /)
})
