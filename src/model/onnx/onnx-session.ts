import type * as ort from 'onnxruntime-node'
import { HearError } from '../../base/errors.js'
import type { Tensor } from '../contract.js'
import type { OnnxContract, OutputName } from './onnx-contract.js'
import type { OnnxFile } from './onnx-file.js'
import { printable } from './printable.js'

/** onnxruntime's level above fatal: a failing node comes back as an error, and is not printed besides. */
const SILENT = 4

type Runtime = typeof ort

/** A size that an output must have, or the name of one that is free. */
type Size = number | string

/** What one run gave, checked: the outputs that the contract says there are. */
export interface OnnxOutputs {
  /** float32 [nSounds, nFrames, D] */
  readonly frames: { readonly data: Float32Array; readonly nFrames: number } | undefined
  /** float32 [nSounds, nFrames]; undefined where the file has none. */
  readonly timestampsMs: Float32Array | undefined
  /** float32 [nSounds, S] */
  readonly scenes: Float32Array | undefined
}

/** A loaded ONNX file. Every run is checked against the contract, since symbolic sizes may lie. */
export class OnnxSession {
  private constructor(
    readonly file: OnnxFile,
    readonly contract: OnnxContract,
    private readonly session: ort.InferenceSession,
    private readonly runtime: Runtime,
  ) {}

  /**
   * Loads a file that checkContract let through.
   * @throws HearError saying what onnxruntime found wrong with it: its operator set, an operator, its graph.
   */
  static async load(file: OnnxFile, contract: OnnxContract, threads: number): Promise<OnnxSession> {
    const runtime = await loadRuntime(file)
    try {
      const session = await runtime.InferenceSession.create(file.path, {
        intraOpNumThreads: threads,
        interOpNumThreads: 1,
        logSeverityLevel: SILENT,
        // A thread that waits by spinning would take the core from whoever could use it.
        extra: { session: { intra_op: { allow_spinning: '0' } } },
      })
      return new OnnxSession(file, contract, session, runtime)
    } catch (error) {
      throw loadError(file, error)
    }
  }

  async close(): Promise<void> {
    await this.session.release()
  }

  /**
   * Runs the model on sounds of one length, at least as long as hear.min_samples; one sound at a time where the
   * contract says oneSound.
   *
   * @param audio float32 [nSounds, nSamples]
   * @throws HearError when the model fails, runs out of memory, or returns what the contract does not allow.
   */
  async run(audio: Float32Array, nSounds: number): Promise<OnnxOutputs> {
    const fetched: OutputName[] = []
    if (this.contract.frames !== undefined) fetched.push('timestamp_embeddings')
    if (this.contract.frames?.hasTimestamps) fetched.push('timestamps')
    if (this.contract.scene !== undefined) fetched.push('scene_embeddings')
    const nSamples = audio.length / nSounds
    let tensors: ort.InferenceSession.OnnxValueMapType
    try {
      const feeds = { audio: new this.runtime.Tensor('float32', audio, [nSounds, nSamples]) }
      tensors = await this.session.run(feeds, fetched, { logSeverityLevel: SILENT })
    } catch (error) {
      throw this.runError(error, nSounds, nSamples)
    }
    const checked = (name: OutputName, shape: readonly Size[]) =>
      this.checked(name, tensors[name] as ort.Tensor, shape, [nSounds, nSamples])
    const { frames, scene } = this.contract
    const embeddings = frames && checked('timestamp_embeddings', [nSounds, 'n_timestamps', frames.size])
    const nFrames = embeddings?.dims[1]
    if (nFrames === 0)
      throw new HearError(
        'model/onnx-no-frames',
        `"${this.file.path}" returned no frame for ${nSamples} samples; expected at least one.`,
        {
          hint: `Tell how many samples it needs, so that shorter clips are padded: hear onnx set ${this.file.path} min_samples=...`,
        },
      )
    return {
      frames: embeddings && { data: embeddings.data, nFrames: nFrames! },
      timestampsMs: frames?.hasTimestamps ? checked('timestamps', [nSounds, nFrames!]).data : undefined,
      scenes: scene && checked('scene_embeddings', [nSounds, scene.size]).data,
    }
  }

  private checked(
    name: OutputName,
    { type, dims, data }: ort.Tensor,
    shape: readonly Size[],
    audio: readonly number[],
  ): Tensor {
    const fits =
      type === 'float32' &&
      dims.length === shape.length &&
      shape.every((size, i) => typeof size === 'string' || size === dims[i])
    if (fits) return { data: data as Float32Array, dims }
    throw new HearError(
      'model/onnx-output',
      `"${this.file.path}" returned ${name} ${type} [${dims.join(', ')}] for audio [${audio.join(', ')}]; expected float32 [${shape.join(', ')}].`,
      { hint: this.remedy(name, dims, shape) },
    )
  }

  /** What to do about an output of the wrong shape, where the shape tells. */
  private remedy(name: OutputName, dims: readonly number[], shape: readonly Size[]): string {
    const sameButSize = dims.length === shape.length && dims[0] === shape[0]
    if (name === 'timestamps') return 'There must be one timestamp for each frame of timestamp_embeddings.'
    if (!sameButSize) return 'The first size must be the number of sounds: each sound has its own embeddings.'
    const key = name === 'scene_embeddings' ? 'scene_embedding_size' : 'timestamp_embedding_size'
    return `If the model is right, mend its metadata: hear onnx set ${this.file.path} ${key}=${dims.at(-1)}`
  }

  private runError(cause: unknown, nSounds: number, nSamples: number): HearError {
    const text = runtimeText(cause)
    const seconds = nSamples / this.contract.sampleRate
    if (/bad_alloc|failed to allocate|allocation failed|out of memory/i.test(text))
      return new HearError(
        'model/out-of-memory',
        `"${this.file.path}" ran out of memory on audio [${nSounds}, ${nSamples}], ${nSounds} x ${seconds.toFixed(1)} s: ${text}`,
        {
          hint: 'Use a machine with more memory, or metadata that allow to cut long clips: hear.chunking=halo or fixed (docs/onnx.md).',
          cause,
        },
      )
    return new HearError(
      'model/onnx-run',
      `"${this.file.path}" failed on audio [${nSounds}, ${nSamples}], ${nSounds} x ${seconds.toFixed(3)} s: ${text}`,
      {
        hint: `If it needs longer clips, say so: hear onnx set ${this.file.path} min_samples=...; else export it again.`,
        cause,
      },
    )
  }
}

/** onnxruntime is loaded when a model needs it: it has no binary for Intel Macs and musl. */
async function loadRuntime(file: OnnxFile): Promise<Runtime> {
  try {
    return await import('onnxruntime-node')
  } catch (cause) {
    throw new HearError(
      'model/no-onnxruntime',
      `"${file.path}" needs onnxruntime, which cannot be loaded on this machine: ${runtimeText(cause)}`,
      { hint: 'Use Linux with glibc, Windows, or a Mac with an Apple chip.', cause },
    )
  }
}

/** onnxruntime's message on one line, without the places in its source. */
function runtimeText(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error)
  const short = printable(text)
    .replace(/^Load model from .*? failed:/, '')
    .replace(/\/onnxruntime_src\/\S+ [^\n]*?\) (?=\S)/g, '')
    .replace(/\s+/g, ' ')
    .trim()
  return short.length > 400 ? `${short.slice(0, 397)}...` : short
}

function loadError(file: OnnxFile, cause: unknown): HearError {
  const text = runtimeText(cause)
  const opsets = file.opsets.map(({ domain, version }) => `${domain || 'ai.onnx'} ${version}`).join(', ')
  const say = (code: string, what: string, hint: string) =>
    new HearError(code, `"${file.path}" ${what} (operator sets ${opsets}). onnxruntime says: ${text}`, {
      hint,
      cause,
    })
  if (/bad_alloc|failed to allocate|out of memory/i.test(text))
    return say('model/out-of-memory', 'does not fit into memory', 'Use a machine with more memory.')
  if (
    /No Op registered for|is not a registered function\/op|Failed to find kernel|NOT_IMPLEMENTED/i.test(text)
  )
    return say(
      'model/onnx-operator',
      'uses an operator that onnxruntime does not have',
      "Export it again with ONNX's own operators and opset 17 (docs/onnx.md).",
    )
  if (/opset|IR version/i.test(text))
    return say(
      'model/onnx-opset',
      'asks for an operator set that onnxruntime does not have',
      'Export it again with opset 17 (docs/onnx.md).',
    )
  return say(
    'model/onnx-load',
    'cannot be loaded',
    'Check it with onnx.checker.check_model in Python, or export it again (docs/onnx.md).',
  )
}
