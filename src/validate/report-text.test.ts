import { expect, test } from 'vitest'
import { fakeModel } from '../../test/fake-model.js'
import { HearError } from '../base/errors.js'
import type { OpenModel } from '../model/model-kind.js'
import { ModelHost } from './model-host.js'
import { reportText } from './report-text.js'
import type { Outcome, QuestionKind, Questions, Subject } from './subject.js'
import { validateModel } from './validate-model.js'

/** A report on a model, or on what a process with it answers, without its times. */
async function textOf(open: () => OpenModel, peak = 2 ** 28, ask?: Subject['ask']): Promise<string> {
  const host = new ModelHost(
    async () => open(),
    () => 0,
  )
  const subject: Subject = {
    ask: ask ?? host.ask.bind(host),
    peakMemory: () => ({ processBytes: peak, gpuBytes: null }),
  }
  const signal = new AbortController().signal
  const options = { name: 'fake', extent: 'quick' as const, signal, now: () => 0, onProgress: () => {} }
  return reportText(await validateModel(subject, options))
}

test('a report says what was checked, what was found, what to do, and what was measured', async () => {
  const model = () =>
    fakeModel({
      declares: { codeLicense: 'MIT' },
      timestampAnswer: ({ embeddings, timestamps }) => ({
        embeddings,
        timestamps: { data: timestamps.data.map((time) => time / 1000), dims: timestamps.dims },
      }),
      sceneAnswer: ({ data, dims }) => ({ data: Float64Array.from(data), dims }),
    })
  expect(await textOf(model)).toMatchInlineSnapshot(`
    "fake: fails (2 errors, 1 warning; hear-validator would let it fail)

      ✓ the model loads
      ✓ it says its sample rate and embedding sizes
      ✓ it has both functions that embed
      ! licences of code and weights are declared
      ✗ timestamp embeddings of 1.07, 1.98 and 4 s
      ✗ scene embeddings of four sounds of 2.74 s
      ✓ timestamp embeddings are the same in every call
      ✓ timestamp embeddings do not depend on the rest of the batch
      ✓ timestamp embeddings depend on the sound
      ✓ timestamp embeddings of silence, 0.3 s, 10 ms and one sample
      ✓ scene embeddings are the same in every call
      ✓ scene embeddings do not depend on the rest of the batch
      ✓ scene embeddings depend on the sound
      ✓ scene embeddings of silence, 0.3 s, 10 ms and one sample
      ✓ memory stays under 16 GB
      – not run (its timestamps cannot be used): clicks, pieces
      – not run (left out of a quick run): long-timestamps, long-scenes

    error timestamps/unit [timestamps]
      Timestamps seem to be in seconds, samples or frame numbers. Expected milliseconds; found 1.05 for audio of 1070 ms, which looks like seconds (1.07 s, 1.98 s, 4 s).
      → Convert them to milliseconds.

    error embeddings/dtype [scenes]
      Embeddings are not float32. Expected float32; found float64 (2.74 s).
      → Convert the embeddings to float32.

    warning licence/missing [licences]
      The licence of code or weights is not declared; a submission to HEAR needs open ones. Expected a licence; found none (weights).
      → Declare them: license and hear.weightsLicense in package.json, or code_license and weights_license in the metadata of an ONNX file.

    Measured
      sample rate               16000 Hz
      scene embedding           8 values
      timestamp embedding       8 values
      time to load              0.0 s
      time for scenes           0.00 ms per second of audio
      peak memory               256 MiB"
  `)
})

test('a model that does not load is one finding, with the reason and the way on', async () => {
  const model = () => {
    throw new HearError('model/missing', 'There is no file "a.onnx".', { hint: 'Give the path of a model.' })
  }
  expect(await textOf(model)).toMatchInlineSnapshot(`
    "fake: fails (1 error, 0 warnings; hear-validator would let it fail)

      ✗ the model loads
      – not run (the model did not load): attributes, functions, licences, timestamps, scenes, repeat-timestamps, batch-timestamps, input-timestamps, edges-timestamps, repeat-scenes, batch-scenes, input-scenes, edges-scenes, clicks, pieces, memory
      – not run (left out of a quick run): long-timestamps, long-scenes

    error load/failed [load]
      The model cannot be found, imported or loaded. Expected a model that loads; found the error: There is no file "a.onnx" [model/missing].
      → Give the path of a model."
  `)
})

test('a model that keeps crashing is left alone after three times, and too much memory is said', async () => {
  const host = new ModelHost(
    async () => fakeModel(),
    () => 0,
  )
  let crashes = 0
  const ask = async <Kind extends QuestionKind>(
    kind: Kind,
    question: Questions[Kind]['question'],
  ): Promise<Outcome<Kind>> => {
    if (kind === 'load') return host.ask(kind, question)
    crashes++
    return { failure: { kind: 'died', how: 'a process that ended by SIGSEGV', lastWords: 'bad weights' } }
  }
  expect(await textOf(fakeModel, 2 ** 35, ask)).toMatchInlineSnapshot(`
    "fake: fails (2 errors, 0 warnings; hear-validator would let it fail)

      ✓ the model loads
      ✓ it says its sample rate and embedding sizes
      ✓ it has both functions that embed
      ✓ licences of code and weights are declared
      ✗ timestamp embeddings of 1.07, 1.98 and 4 s
      ✗ memory stays under 16 GB
      – not run (the model crashed or hung too often): scenes, repeat-timestamps, batch-timestamps, input-timestamps, edges-timestamps, repeat-scenes, batch-scenes, input-scenes, edges-scenes, clicks, pieces
      – not run (left out of a quick run): long-timestamps, long-scenes

    error call/died [timestamps]
      The model's process ended during a call: a crash, an abort, or no memory left on the machine. Expected an answer; found a process that ended by SIGSEGV; its last words: bad weights (1.07 s, 1.98 s, 4 s).
      → Run the call alone, under a debugger or with more memory.

    error memory/over-limit [memory]
      The model took more than HEAR's 16 GB, over which it was stopped. Expected at most 16.0 GiB; found 32.0 GiB (process).
      → Embed long audio in pieces.

    Measured
      sample rate               16000 Hz
      scene embedding           8 values
      timestamp embedding       8 values
      time to load              0.0 s
      peak memory               32.0 GiB"
  `)
  expect(crashes).toBe(3)
})
