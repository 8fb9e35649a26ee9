import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { moduleFolder, pythonWith } from '../python.js'
import { hear, scratchFolder } from './hear.js'

const python = pythonWith('numpy')
const scratch = scratchFolder()
const { dir, write } = moduleFolder()
const tasks = join(scratch, 'tasks')
const embed = (model: string, out: string, ...more: string[]) => [
  ...['embed', '--model', model, '--tasks', tasks, '--task', 'demo_pitch', '--out', out],
  ...['--python', python!, ...more],
]

const awaited = new Set<string>()

/** Acts once when a file has appeared, however often it is asked to. */
function onceThere(path: string, act: () => void): void {
  if (awaited.has(path)) return
  awaited.add(path)
  const timer = setInterval(() => {
    if (!existsSync(path)) return
    clearInterval(timer)
    act()
  }, 50)
}

describe.skipIf(python === undefined)('models in Python (need a python3 with numpy)', () => {
  beforeAll(() => hear(['tasks', 'demo', '--out', tasks, '--sample-rates', '16000']))

  test('hear run scores one, prints nothing of what it prints, and finds its embeddings again', async () => {
    write('chatty.py', 'print("hello from import")\nfrom tiny_numpy import *\n')
    const out = join(scratch, 'scores')
    const args = [
      'run',
      ...embed('py:chatty', out).slice(1),
      '--grid-points',
      '1',
      '--grid',
      'faster',
      '--json',
    ]
    const first = await hear(args)
    expect(first.stderr).toMatch(/^chatty, Python 3\.\S+ with numpy \S+ on cpu /m)
    expect(first.stderr).not.toContain('hello')
    expect(first.code).toBe(0)
    expect(JSON.parse(first.stdout)).toBeTypeOf('object')
    const [task] = readdirSync(join(out, 'embeddings/chatty'))
    const record = JSON.parse(readFileSync(join(out, 'embeddings/chatty', task, 'embedding.json'), 'utf8'))
    expect(record.model.options).toMatchObject({ adapter: 'python', module: 'chatty', version: null })
    expect((await hear(args)).stderr).toContain('from an earlier run')
    // A changed module is not taken for the same.
    write('chatty.py', 'from tiny_numpy import *\nx = 1\n')
    expect((await hear(args)).stderr).not.toContain('from an earlier run')
  })

  test('hear embed finds a module in the current folder, as python -m does', async () => {
    write('elsewhere/only_here.py', 'from tiny_numpy import *\n')
    const before = process.cwd()
    process.chdir(join(dir, 'elsewhere'))
    try {
      expect(await hear(embed('py:only_here', join(scratch, 'here')))).toMatchObject({ code: 0 })
    } finally {
      process.chdir(before)
    }
    const { code, stderr } = await hear(embed('py:only_here', join(scratch, 'here')))
    expect(code).toBe(2)
    expect(stderr).toContain('has no module "only_here"')
  })

  test.each([
    ['raises', 'def get_scene_embeddings(a, m): return a / "x"', 'raised TypeError: '],
    ['dies', 'import os\ndef get_scene_embeddings(a, m): os._exit(7)', 'ended with exit code 7'],
    ['hangs', 'import time\ndef get_scene_embeddings(a, m): time.sleep(600)', 'did not answer within 4 s'],
    [
      'is of double precision',
      'def get_scene_embeddings(a, m): return numpy.zeros((len(a), 4))',
      'found data of type Float64Array',
    ],
    ['lacks the function', 'del get_scene_embeddings', 'has no function getSceneEmbeddings'],
    ['has a rate in words', 'Model.sample_rate = "16 kHz"', 'has "str \'16 kHz\'" as sampleRate'],
    ['is no good Python', 'def f(:', 'cannot be imported: SyntaxError'],
  ])('one that %s is one error, exit 2, and nothing half-written', async (_, source, message) => {
    write('bad_one.py', `import numpy\nfrom tiny_numpy import *\n${source}\n`)
    const out = join(scratch, 'bad')
    const { code, stderr, stdout } = await hear(embed('py:bad_one', out, '--time-limit', '4'))
    expect(stderr).toContain(message)
    expect(stderr).toMatch(/\n {2}→ /)
    expect(stderr).not.toMatch(/^\s+at .*\.js:\d+/m)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    const files = existsSync(out) ? (readdirSync(out, { recursive: true }) as string[]) : []
    expect(files.filter((file) => /\.(npy|tmp)/.test(file))).toEqual([])
  })

  test('Ctrl-C in the middle of a call ends at once, and Python with it', async () => {
    const pidFile = join(dir, 'pid')
    const source = `import os, time\nfrom tiny_numpy import *\ndef get_scene_embeddings(a, m):\n    open(${JSON.stringify(pidFile)}, "w").write(str(os.getpid()))\n    print("x")\n    time.sleep(600)\n`
    write('endless.py', source)
    const child = hear(embed('py:endless', join(scratch, 'endless')), (_, kill) => {
      onceThere(pidFile, () => kill('SIGINT'))
    })
    expect((await child).code).toBe(130)
    const pid = Number(readFileSync(pidFile, 'utf8'))
    expect(pid).toBeGreaterThan(1)
    expect(() => process.kill(pid, 0)).toThrow('ESRCH')
  })

  test('a hear that is killed takes Python with it, and what that started', async () => {
    const pidFile = join(dir, 'pid-of-killed')
    write(
      'deaf.py',
      `import ctypes, os, subprocess\nfrom tiny_numpy import *\ndef get_scene_embeddings(a, m):\n    pid = subprocess.Popen(["sleep", "600"]).pid\n    open(${JSON.stringify(pidFile)}, "w").write("%d %d" % (os.getpid(), pid))\n    ctypes.PyDLL(None).sleep(600)\n`,
    )
    const child = hear(embed('py:deaf', join(scratch, 'deaf')), (_, kill) => {
      onceThere(pidFile, () => kill('SIGKILL'))
    })
    expect((await child).signal).toBe('SIGKILL')
    const pids = readFileSync(pidFile, 'utf8').split(' ').map(Number)
    expect(pids).toHaveLength(2)
    const isRunning = (pid: number) => {
      try {
        return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
      } catch {
        return false
      }
    }
    for (let i = 0; i < 50 && pids.some(isRunning); i++)
      await new Promise((resolve) => setTimeout(resolve, 100))
    expect(pids.filter(isRunning)).toEqual([])
  })

  test('hear validate passes a sound one, and tells what is wrong with another', async () => {
    const validate = (name: string) => hear(['validate', name, '--quick', '--json', '--python', python!])
    const sound = await validate('py:tiny_numpy')
    const report = JSON.parse(sound.stdout)
    expect(report.findings.filter(({ severity }: { severity: string }) => severity === 'error')).toEqual([])
    expect(report).toMatchObject({ verdict: 'pass', measured: { sampleRate: 16000, hopMs: 50 } })
    expect(sound.code).toBe(0)
    write(
      'faulty.py',
      'import numpy\nimport tiny_numpy\nfrom tiny_numpy import *\ndef get_timestamp_embeddings(a, m):\n    e, t = tiny_numpy.get_timestamp_embeddings(a, m)\n    return e.astype("f8"), (t / 1000).astype("f4")\n',
    )
    const faulty = await validate('py:faulty')
    const codes = JSON.parse(faulty.stdout).findings.map(({ code }: { code: string }) => code)
    expect(codes).toEqual(expect.arrayContaining(['embeddings/dtype', 'timestamps/unit']))
    expect(faulty.code).toBe(2)
  })
})
