import { expect, test } from 'vitest'
import { hear } from './hear.js'

test('hear --help shows the commands and an example of each', async () => {
  const { stdout, code } = await hear(['--help'])
  expect(code).toBe(0)
  expect(stdout).toMatchInlineSnapshot(`
    "Usage: hear [options] [command]

    HEAR, the Holistic Evaluation of Audio Representations: how well does an audio
    embedding generalise?

    Options:
      -V, --version                output the version number
      -h, --help                   display help for command

    Commands:
      run [options]                Embed tasks with a model, train the probe, and
                                   score: the whole of HEAR in one command.
      embed [options]              Embed the clips of tasks with a model, for hear
                                   evaluate.
      evaluate [options] <dir...>  Train and score the probe on embeddings, made by
                                   hear embed or elsewhere.
      inspect [options] <dir...>   Show what results say per class and per clip:
                                   confusions, hardest clips, missed events.
      compare [options] <a> <b>    Tell whether two models really differ, task by
                                   task, on the same test clips.
      validate [options] <model>   Check a model against the HEAR API, and for
                                   faults that spoil scores unseen.
      init                         Begin something of your own from a working
                                   example.
      prepare [options] <task...>  Make task folders from the archives that their
                                   authors publish, as hear-preprocess does.
      tasks                        List tasks, show one, get one as HEAR prepared
                                   it, audit one, or make miniatures of generated
                                   audio.
      onnx                         Look at ONNX files, and make them models of HEAR.
      start [options]              A first look: generate the miniature tasks and
                                   score the built-in baseline on them.
      help [command]               display help for command

    Examples:
      hear start                                        a first look, on generated tasks
      hear run --model naive --tasks DIR --out results  score a model on task folders
      hear run --help                                   every option of a command
    "
  `)
})

test('hear run --help names every option', async () => {
  const { stdout, code } = await hear(['run', '--help'])
  expect(code).toBe(0)
  expect(stdout).toMatchInlineSnapshot(`
    "Usage: hear run [options]

    Embed tasks with a model, train the probe, and score: the whole of HEAR in one
    command.

    Options:
      --model <name>      the model: naive is the built-in baseline, ./model.onnx an
                          ONNX file, frames.onnx,scenes.onnx two that share the
                          outputs, ./folder or an npm package one that exports the
                          contract in JavaScript, py:MODULE a package of the HEAR
                          API in Python
      --weights <path>    weights of the model; for naive a .npy of its projection,
                          or a folder; for a package or py:MODULE what its function
                          to load takes; an ONNX file brings its own
      --threads <n>       threads of an ONNX model (default: 1)
      --python <path>     the Python that runs py:MODULE; python3 unless given (env:
                          HEAR_PYTHON)
      --time-limit <sec>  how long py:MODULE may take to load, or to embed a batch;
                          1800 unless given
      --tasks <dir>       a task folder, or a folder of task folders
      --task <name>       only this task; may be given several times (default: all)
      --out <dir>         folder that the results go to (default: "results")
      --protocol <name>   hear-2021 reproduces heareval, to stand beside published
                          scores; hear-2026 is what one would do today: several
                          probe seeds, the grid chosen over all folds, and linear,
                          kNN and few-shot probes beside the MLP (choices:
                          "hear-2021", "hear-2026", default: "hear-2021")
      --probe-seeds <n>   probes trained of the chosen grid point (hear-2026)
                          (default: 3)
      --grid <name>       hyperparameter grid of heareval (choices: "default",
                          "fast", "faster", default: "default")
      --grid-points <n>   how many cells of the grid are tried (default: 8)
      --seed <n>          decides the cells that are tried and everything random in
                          training (default: 42)
      --gemm <kind>       library that multiplies matrices; auto takes onnxruntime,
                          else wasm (choices: "auto", "onnxruntime", "wasm",
                          "openblas", default: "auto")
      --workers <n>       trainings at once; changes the time, never the result
                          (default: the number of cores)
      --json              print one JSON document on stdout; everything else goes to
                          stderr (default: false)
      -h, --help          display help for command

    Reads task folders as hear-preprocess writes them (also the extracted archives that HEAR publishes). Writes
    <out>/<model>/<task>/ with test.predicted-scores.json (heareval's layout), predictions.jsonl (by clip) and run.json.
    A task that compares clips in pairs or triplets needs no training: its result is pairwise.json and distances.jsonl.
    What an earlier run finished with the same model, data and options is kept.

    Example:
      hear run --model naive --tasks results/demo-tasks --task demo_pitch --grid-points 2 --out results
    "
  `)
})

test.each([
  ['embed'],
  ['evaluate'],
  ['inspect'],
  ['compare'],
  ['tasks'],
  ['tasks', 'list'],
  ['tasks', 'show'],
  ['tasks', 'demo'],
  ['start'],
])('hear %s %s --help has an example', async (...words) => {
  const { stdout, code } = await hear([...words.filter((word) => word !== undefined), '--help'])
  expect(code).toBe(0)
  expect(stdout).toMatch(/Examples?:\n {2}hear /)
})
