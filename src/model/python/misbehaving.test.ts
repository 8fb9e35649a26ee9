import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { moduleFolder, pythonWith } from '../../../test/python.js'
import type { HearError } from '../../base/errors.js'
import type { OpenModelOptions } from '../model-kind.js'
import { openModel } from '../open-model.js'

const python = pythonWith('numpy')
const { dir, write } = moduleFolder()
const audio = { data: new Float32Array(1600), dims: [1, 1600] }
let nModules = 0

/** A module like tiny_numpy with something else at its end; its name. */
function moduleWith(source: string): string {
  const name = `misbehaving_${nModules++}`
  write(
    `${name}.py`,
    `import ctypes, os, signal, subprocess, sys, time\nimport numpy\nfrom tiny_numpy import *\n${source}`,
  )
  return name
}

const scenes = (body: string) => `def get_scene_embeddings(audio, model):\n    ${body}\n`

/** The error of asking a module for scenes, with the names of this run taken out. */
async function errorOf(source: string, options: OpenModelOptions = {}) {
  const name = moduleWith(source)
  const opened = await openModel(`py:${name}`, { python, ...options }).catch((error: HearError) => error)
  let error = opened as HearError
  if (!(opened instanceof Error)) {
    error = await Promise.resolve(opened.module.getSceneEmbeddings(audio, opened.model)).then(
      () => expect.fail('the module was expected to fail'),
      (failure) => failure,
    )
    await opened.close()
  }
  // Carets under the code came with Python 3.11.
  const plain = (text = '') =>
    text
      .replaceAll(dir, 'DIR')
      .replaceAll(name, 'MODULE')
      .replace(/Python (at |\()"[^"]*"/g, 'Python $1"PYTHON"')
      .replace(/\S+(?= -m pip)/, 'PYTHON')
      .replace(/\n[ ~^]*\^[ ~^]*(?=\n|$)/g, '')
  return { code: error.code, message: plain(error.message), hint: plain(error.hint) }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    // Killed and not yet collected by its parent, which may be a container's idle first process.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}

async function endsSoon(pid: number): Promise<boolean> {
  for (let i = 0; i < 50 && isRunning(pid); i++) await new Promise((resolve) => setTimeout(resolve, 100))
  return !isRunning(pid)
}

describe.skipIf(python === undefined)('a Python module that (needs a python3 with numpy)', () => {
  test.each([
    [
      'prints at import, from Python and below it',
      'print("hello " * 9999)\nos.write(1, b"raw")\nos.system("echo shell")',
    ],
    [
      'prints in every call',
      scenes('print("x" * 100000, flush=True); os.write(2, b"y" * 100000); return base(audio, model)'),
    ],
    ['changes the current folder', 'os.chdir("/")'],
    ['reads standard input', scenes('sys.stdin.read(); return base(audio, model)')],
    ['looks at its arguments', 'assert sys.argv[1:] == []'],
    ['redirects standard output', 'sys.stdout = open(os.devnull, "w")\nos.dup2(sys.stdout.fileno(), 1)'],
    ['closes standard output', 'os.close(1)\nos.close(2)'],
    ['changes its audio', scenes('audio[:] = 0; return base(audio, model)')],
    [
      'returns something non-contiguous and big-endian',
      scenes('return base(audio, model).astype(">f4")[:, ::-1][:, ::-1]'),
    ],
  ])('%s does no harm', async (_, source) => {
    const name = moduleWith(`base = get_scene_embeddings\n${source}`)
    const { module, model, close } = await openModel(`py:${name}`, { python })
    for (let i = 0; i < 3; i++) {
      const { data, dims } = await module.getSceneEmbeddings(audio, model)
      expect(dims).toEqual([1, 4])
      expect([...data]).toEqual(Array(4).fill(Math.fround(Math.log(1e-4))))
    }
    await close()
  })

  test('raises is shown with its own part of the traceback', async () => {
    expect(
      await errorOf(
        `def inner():\n    raise ValueError("no \\x1b[2J such band")\n${scenes('return inner()')}`,
      ),
    ).toMatchInlineSnapshot(`
      {
        "code": "model/python-failed",
        "hint": "Call the function from Python by hand, with audio of this shape.",
        "message": "get_scene_embeddings of "py:MODULE" raised ValueError: no �[2J such band
            File "DIR/MODULE.py", line 7, in get_scene_embeddings
              return inner()
            File "DIR/MODULE.py", line 5, in inner
              raise ValueError("no \\x1b[2J such band")",
      }
    `)
    expect(await errorOf('raise OSError("no weights here")')).toMatchInlineSnapshot(`
      {
        "code": "model/python-import-failed",
        "hint": "Mend the module, or what it imports.",
        "message": ""py:MODULE" cannot be imported: OSError: no weights here
            File "DIR/MODULE.py", line 4, in <module>
              raise OSError("no weights here")",
      }
    `)
    expect(await errorOf('def f(:\n    pass')).toMatchInlineSnapshot(`
      {
        "code": "model/python-import-failed",
        "hint": "Mend the module, or what it imports.",
        "message": ""py:MODULE" cannot be imported: SyntaxError: invalid syntax (MODULE.py, line 4)
            File "DIR/MODULE.py", line 4
              def f(:
          SyntaxError: invalid syntax",
      }
    `)
    expect(await errorOf(scenes('sys.exit("enough")'))).toMatchInlineSnapshot(`
      {
        "code": "model/python-failed",
        "hint": "Call the function from Python by hand, with audio of this shape.",
        "message": "get_scene_embeddings of "py:MODULE" raised SystemExit: enough
            File "DIR/MODULE.py", line 5, in get_scene_embeddings
              sys.exit("enough")",
      }
    `)
    const chained = scenes('try: {}["a"]\n    except KeyError as error: raise ValueError("b") from error')
    expect((await errorOf(chained)).message).toMatch(/KeyError: 'a'[\s\S]*direct cause[\s\S]*ValueError: b/)
  })

  test('needs what is not installed says which package, in which Python', async () => {
    expect(await errorOf('import no_such_dependency')).toMatchInlineSnapshot(`
      {
        "code": "model/python-no-module",
        "hint": "PYTHON -m pip install no_such_dependency (the name to install may differ).",
        "message": ""py:MODULE" needs the module "no_such_dependency", which Python at "PYTHON" does not have.
            File "DIR/MODULE.py", line 4, in <module>
              import no_such_dependency",
      }
    `)
    await expect(openModel('py:tiny_nunpy', { python })).rejects.toMatchObject({
      code: 'model/python-no-module',
      hint: 'Did you mean --model py:tiny_numpy?',
    })
    await expect(openModel('py:no_such_hear_package', { python })).rejects.toMatchObject({
      hint: expect.stringMatching(/^\S+ -m pip install no_such_hear_package \(/),
    })
    await expect(openModel('py:json.no_such_part', { python })).rejects.toMatchObject({
      hint: expect.stringContaining('"json" is there'),
    })
  })

  test('has no numpy to work with says so', async () => {
    write('hides/numpy.py', 'raise ImportError("not for you")\n')
    const before = process.env.PYTHONPATH
    process.env.PYTHONPATH = join(dir, 'hides')
    try {
      await expect(openModel('py:json', { python })).rejects.toMatchObject({
        code: 'model/python-no-numpy',
        message: expect.stringContaining('ImportError: not for you'),
        hint: expect.stringMatching(/-m pip install numpy/),
      })
    } finally {
      process.env.PYTHONPATH = before
    }
  })

  test.each([
    ['exits', scenes('os._exit(3)'), 'ended with exit code 3 in get_scene_embeddings'],
    ['exits at import', 'print("so long")\nos._exit(0)', 'ended with exit code 0 in load_model'],
    ['crashes', scenes('ctypes.string_at(0)'), 'was ended by SIGSEGV in get_scene_embeddings'],
    ['is killed', scenes('os.kill(os.getpid(), signal.SIGKILL)'), 'was ended by SIGKILL'],
    ['aborts', scenes('os.abort()'), 'was ended by SIGABRT'],
    ['closes every file', scenes('os.closerange(3, 99); return 0'), 'ended with exit code 1'],
    [
      'opens its own file in place of our pipe',
      scenes(
        'os.closerange(3, 99); [open(__file__ + ".own", "w") and os.dup(2) for i in range(9)]; return 0',
      ),
      'ended with exit code 1',
    ],
  ])('%s is reported dead', async (_, source, message) => {
    const error = await errorOf(source)
    expect(error).toMatchObject({ code: 'model/python-died', message: expect.stringContaining(message) })
    expect(error.hint).not.toBe('')
  })

  test('dies says its last words', async () => {
    expect(await errorOf(scenes('print("\\x1b[31mgoing down"); os._exit(9)'))).toMatchInlineSnapshot(`
      {
        "code": "model/python-died",
        "hint": "The module must not exit: mend it, or call the function from Python by hand to see why it does.",
        "message": "Python ("PYTHON") ended with exit code 9 in get_scene_embeddings of "py:MODULE". It printed last:
          �[31mgoing down",
      }
    `)
  })

  test.each([
    ['in Python', scenes('time.sleep(600)')],
    ['in a library that does not let go of the interpreter', scenes('ctypes.PyDLL(None).sleep(600)')],
    ['deaf to signals', scenes('signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)')],
  ])('hangs %s is ended at the limit', async (_, source) => {
    const error = await errorOf(source, { timeLimitSec: 5 })
    expect(error).toMatchObject({
      code: 'model/python-hung',
      message: 'get_scene_embeddings of "py:MODULE" did not answer within 5 s, and was ended.',
      hint: expect.stringContaining('--time-limit'),
    })
  })

  test('hangs at import is ended at the limit', async () => {
    expect(await errorOf('time.sleep(600)', { timeLimitSec: 3 })).toMatchObject({ code: 'model/python-hung' })
  })

  test('failed or died answers the next call, in a new process if need be', async () => {
    const body =
      'os._exit(1) if audio.shape[1] == 1 else None; return numpy.array([[os.getpid()]], dtype="f4")'
    const name = moduleWith(scenes(body))
    const { module, model, close } = await openModel(`py:${name}`, { python })
    const pids: number[] = []
    for (let i = 0; i < 2; i++) {
      pids.push((await module.getSceneEmbeddings(audio, model)).data[0])
      const fatal = module.getSceneEmbeddings({ data: new Float32Array(1), dims: [1, 1] }, model)
      await expect(fatal).rejects.toMatchObject({ code: 'model/python-died' })
    }
    expect(pids[1]).not.toBe(pids[0])
    await close()
  })

  test.each([
    ['a list', '[1, 2]', 'returned a list of 2 as embeddings; expected a numpy.ndarray'],
    ['nothing', 'None', 'returned None as embeddings'],
    ['complex numbers', 'numpy.zeros((1, 4), "complex64")', 'returned embeddings of type complex64'],
    ['texts', 'numpy.array(["a"])', 'returned embeddings of type str'],
    ['objects', 'numpy.array([None])', 'returned embeddings of type object'],
  ])('returns %s is told what is expected', async (_, value, message) => {
    const error = await errorOf(scenes(`return ${value}`))
    expect(error).toMatchObject({ code: 'model/python-contract' })
    expect(error.message).toContain(`get_scene_embeddings of "py:MODULE" ${message}`)
  })

  test('returns what lies on another device is told what that says', async () => {
    const device =
      'class OnDevice:\n    def __array__(self, *a, **k): raise TypeError("cannot convert cuda:0 tensor")\n'
    const error = await errorOf(device + scenes('return OnDevice()'))
    expect(error.message).toContain('raised TypeError: cannot convert cuda:0 tensor')
  })

  test.each([
    ['float64', Float64Array, undefined],
    ['int64', BigInt64Array, undefined],
    ['float16', Uint16Array, 'float16'],
    ['bool', Uint8Array, 'bool'],
  ])('returns %s is passed on as it is, for others to judge', async (dtype, kind, type) => {
    const name = moduleWith(scenes(`return numpy.ones((3, 1, 2), dtype="${dtype}")`))
    const { module, model, close } = await openModel(`py:${name}`, { python })
    const returned = await module.getSceneEmbeddings(audio, model)
    expect(returned.data).toBeInstanceOf(kind)
    expect(returned.dims).toEqual([3, 1, 2])
    expect((returned as { type?: string }).type).toBe(type)
    await close()
  })

  test('returns no pair of embeddings and timestamps is told so', async () => {
    const name = moduleWith(
      'def get_timestamp_embeddings(audio, model): return numpy.zeros((1, 2, 4), "f4")\n',
    )
    const { module, model, close } = await openModel(`py:${name}`, { python })
    await expect(module.getTimestampEmbeddings(audio, model)).rejects.toThrow(
      'returned numpy.ndarray; expected the pair (embeddings, timestamps)',
    )
    await close()
  })

  test('lacks a function, or an attribute, or has it of another type, shows that', async () => {
    const name = moduleWith(
      'del get_scene_embeddings\nModel.sample_rate = 16000.0\nModel.scene_embedding_size = 4.0\ndel Model.timestamp_embedding_size\n',
    )
    const { module, model, close } = await openModel(`py:${name}`, { python })
    expect(Object.keys(module)).toEqual(['loadModel', 'getTimestampEmbeddings'])
    expect([model.sampleRate, model.sceneEmbeddingSize, model.timestampEmbeddingSize]).toEqual([
      16000,
      'float 4.0',
      undefined,
    ])
    await close()
    const numbers = moduleWith(
      'Model.sample_rate = numpy.int64(16000)\nModel.scene_embedding_size = numpy.int64(4)\n',
    )
    const opened = await openModel(`py:${numbers}`, { python })
    expect(opened.model.sampleRate).toBe(16000)
    expect(opened.model.sceneEmbeddingSize).toMatch(/^numpy\.int64 /)
    await opened.close()
    expect(await errorOf('del load_model')).toMatchObject({
      code: 'model/python-contract',
      message: 'load_model of "py:MODULE" is not there; a module of the HEAR API has load_model(path).',
    })
    expect(await errorOf('def load_model(path): return Model(1)')).toMatchObject({
      message: expect.stringContaining(
        "raised TypeError: load_model() missing 1 required positional argument: 'path'",
      ),
      hint: expect.stringContaining('--weights'),
    })
  })

  test('runs out of memory says so', async () => {
    expect(await errorOf(scenes('return numpy.zeros((10**9, 10**9), "f4")'))).toMatchObject({
      code: 'model/out-of-memory',
      message: expect.stringContaining('ran out of memory in get_scene_embeddings'),
    })
  })

  test.each([
    ['closing', ''],
    ['a crash', 'os._exit(1)'],
  ])('started another process leaves nothing behind after %s', async (_, then) => {
    const pidFile = join(dir, `pid-${nModules}`)
    const start = `pid = subprocess.Popen(["sleep", "600"]).pid; open(${JSON.stringify(pidFile)}, "w").write(str(pid)); ${then}`
    const name = moduleWith(scenes(`${start}\n    return numpy.zeros((1, 4), "f4")`))
    const { module, model, close } = await openModel(`py:${name}`, { python })
    await Promise.resolve(module.getSceneEmbeddings(audio, model)).catch(() => {})
    const pid = Number(readFileSync(pidFile, 'utf8'))
    await close()
    expect(pid).toBeGreaterThan(1)
    expect(await endsSoon(pid)).toBe(true)
  })

  test('is stopped by the user in the middle of a call ends at once', async () => {
    const stop = new AbortController()
    const name = moduleWith(scenes('time.sleep(600)'))
    const { module, model, close } = await openModel(`py:${name}`, { python, signal: stop.signal })
    const call = module.getSceneEmbeddings(audio, model)
    setTimeout(() => stop.abort(new Error('stopped by the user')), 100)
    await expect(call).rejects.toThrow('stopped by the user')
    await close()
  })
})
