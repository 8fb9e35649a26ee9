import {
  type HearMetadata,
  METADATA_KEYS,
  METADATA_PREFIX,
  type MetadataName,
  MOST_SIZE,
  type ReadMetadata,
  readMetadata,
} from './hear-metadata.js'
import type { OnnxFile, OnnxValue } from './onnx-file.js'
import type { OnnxIssue } from './onnx-issue.js'

/** How a clip that is longer than a run should be may be cut. */
export type Chunking =
  | { readonly kind: 'none' }
  | {
      readonly kind: 'halo'
      readonly haloSamples: number
      /** A of the contract: cuts lie at its multiples. */
      readonly alignSamples: number
      /** F of the contract: frames in alignSamples. */
      readonly alignFrames: number
    }
  | { readonly kind: 'fixed'; readonly windowSamples: number; readonly windowHopSamples: number }

/** An ONNX file that follows the contract, as far as can be known without running it. */
export interface OnnxContract {
  readonly metadata: HearMetadata
  readonly sampleRate: number
  readonly minSamples: number
  readonly chunking: Chunking
  /** Whether the file takes one sound only at a time. */
  readonly oneSound: boolean
  /** Undefined without an output timestamp_embeddings. */
  readonly frames:
    | {
        readonly size: number
        /** False: frame i lies at firstTimestampMs + i * hopMs. */
        readonly hasTimestamps: boolean
        readonly firstTimestampMs: number
        /** Undefined only where the file has timestamps. */
        readonly hopMs: number | undefined
      }
    | undefined
  /** Undefined without an output scene_embeddings. */
  readonly scene: { readonly size: number } | undefined
  /** A scene is the mean of every so many frames, from the first on; undefined: the scene output alone decides. */
  readonly sceneEveryFrames: number | undefined
}

/** What checkContract found. */
export interface CheckedContract {
  readonly metadata: ReadMetadata
  readonly issues: readonly OnnxIssue[]
  /** Undefined where there are issues. */
  readonly contract: OnnxContract | undefined
}

const AUDIO = 'audio'
/** Windows over one sample: more would run a clip a thousand times over. */
const MOST_WINDOWS_AT_ONCE = 1000
/** Outputs of the contract, and their shapes; the last size is the embedding's where it is D or S. */
const OUTPUTS = {
  timestamp_embeddings: ['n_sounds', 'n_timestamps', 'D'],
  timestamps: ['n_sounds', 'n_timestamps'],
  scene_embeddings: ['n_sounds', 'S'],
} as const
export type OutputName = keyof typeof OUTPUTS
export const OUTPUT_NAMES = Object.keys(OUTPUTS) as OutputName[]

/**
 * Checks what an ONNX file declares against the contract: one input, its type and rank; the outputs, their types,
 * ranks and sizes; the metadata that its kind of chunking needs. Collects every issue. Symbolic sizes are believed;
 * whether they lie shows when the model runs.
 */
export function checkContract(file: OnnxFile): CheckedContract {
  const metadata = readMetadata(file)
  const check = new ContractCheck(file, metadata)
  const contract = check.contract()
  return { metadata, issues: check.issues, contract: check.issues.length > 0 ? undefined : contract }
}

class ContractCheck {
  readonly issues: OnnxIssue[]
  private readonly values: HearMetadata

  constructor(
    private readonly file: OnnxFile,
    metadata: ReadMetadata,
  ) {
    this.issues = [...metadata.issues]
    this.values = metadata.values
  }

  /** Of no use where it leaves issues. */
  contract(): OnnxContract {
    const { values } = this
    const sampleRate = this.needed('sample_rate', 'for every model')
    const audio = this.audio()
    const chunking = this.chunking(audio)
    const outputs = Object.fromEntries(OUTPUT_NAMES.map((name) => [name, this.output(name)]))
    const { timestamp_embeddings: frames, scene_embeddings: scene, timestamps } = outputs
    if (frames === undefined && scene === undefined)
      this.issue('model/onnx-no-outputs', 'outputs', {
        expected: 'timestamp_embeddings or scene_embeddings',
        received: this.file.outputs.map(({ name }) => `"${name}"`).join(', ') || 'none',
        remedy: `Export it again with the output names of the contract (docs/onnx.md).`,
      })
    const frameSize = this.size(frames, 'timestamp_embedding_size')
    const sceneSize = this.size(scene, 'scene_embedding_size')
    if (frames !== undefined && timestamps === undefined)
      this.needed('hop_ms', 'where there is no output timestamps')
    if (frames === undefined && values.scene_from_timestamps !== undefined)
      this.issue('model/onnx-metadata-value', 'hear.scene_from_timestamps', {
        expected: 'nothing, without an output timestamp_embeddings',
        received: 'a value',
        remedy: this.set('scene_from_timestamps='),
      })
    if (scene === undefined && values.scene_embedding_size !== undefined && frameSize !== undefined)
      this.agree('hear.scene_embedding_size', frameSize, values.scene_embedding_size, 'scene_embedding_size')
    return {
      metadata: values,
      sampleRate: sampleRate ?? Number.NaN,
      minSamples: values.min_samples ?? 1,
      chunking,
      oneSound: typeof audio?.dims?.[0] === 'number',
      frames:
        frames === undefined
          ? undefined
          : {
              size: frameSize ?? Number.NaN,
              hasTimestamps: timestamps !== undefined,
              firstTimestampMs: values.first_timestamp_ms ?? 0,
              hopMs: values.hop_ms,
            },
      scene: scene === undefined ? undefined : { size: sceneSize ?? Number.NaN },
      sceneEveryFrames: values.scene_from_timestamps,
    }
  }

  private audio(): OnnxValue | undefined {
    const { inputs } = this.file
    const audio = inputs.find(({ name }) => name === AUDIO)
    if (audio === undefined || inputs.length > 1) {
      this.issue('model/onnx-input', 'inputs', {
        expected: `one, "${AUDIO}"`,
        received: inputs.map(({ name }) => `"${name}"`).join(', ') || 'none',
        remedy: `Export it again with input_names=["${AUDIO}"] (docs/onnx.md).`,
      })
      return undefined
    }
    this.typeAndRank('model/onnx-input', `input ${AUDIO}`, audio, ['n_sounds', 'n_samples'])
    const nSounds = audio.dims?.[0]
    if (typeof nSounds === 'number' && nSounds !== 1)
      this.issue('model/onnx-input', `input ${AUDIO}`, {
        expected: 'any number of sounds, or 1',
        received: shapeText(audio),
        remedy: 'Export it again with dynamic_axes for n_sounds (docs/onnx.md).',
      })
    return audio
  }

  private chunking(audio: OnnxValue | undefined): Chunking {
    const { values } = this
    const { chunking = 'none' } = values
    const declared = audio?.dims?.[1]
    if (chunking !== 'fixed') {
      if (typeof declared === 'number')
        this.issue('model/onnx-input', `input ${AUDIO}`, {
          expected: `any number of samples, with hear.chunking=${chunking}`,
          received: shapeText(audio!),
          remedy: this.set(`chunking=fixed window_samples=${declared}`),
        })
      if (chunking === 'none') return { kind: 'none' }
      const haloSamples = this.needed('halo_samples', 'with hear.chunking=halo')
      const alignSamples = this.needed('chunk_align_samples', 'with hear.chunking=halo')
      return {
        kind: 'halo',
        haloSamples: haloSamples ?? Number.NaN,
        alignSamples: alignSamples ?? Number.NaN,
        alignFrames: values.chunk_align_frames ?? 1,
      }
    }
    const windowSamples =
      values.window_samples ??
      (typeof declared === 'number' ? declared : this.needed('window_samples', 'with hear.chunking=fixed'))
    if (typeof declared === 'number' && values.window_samples !== undefined)
      this.agree('hear.window_samples', declared, values.window_samples, 'window_samples')
    const windowHopSamples = values.window_hop_samples ?? windowSamples
    const least = Math.ceil((windowSamples ?? 0) / MOST_WINDOWS_AT_ONCE)
    if (windowSamples !== undefined && (windowHopSamples! > windowSamples || windowHopSamples! < least))
      this.issue('model/onnx-metadata-value', 'hear.window_hop_samples', {
        expected: `from ${least} to hear.window_samples, ${windowSamples}, so that no sample is left out`,
        received: String(windowHopSamples),
        remedy: this.set(`window_hop_samples=${windowSamples}`),
      })
    return {
      kind: 'fixed',
      windowSamples: windowSamples ?? Number.NaN,
      windowHopSamples: windowHopSamples ?? Number.NaN,
    }
  }

  private output(name: OutputName): OnnxValue | undefined {
    const value = this.file.outputs.find((output) => output.name === name)
    if (value !== undefined) this.typeAndRank('model/onnx-output', `output ${name}`, value, OUTPUTS[name])
    return value
  }

  private typeAndRank(code: string, where: string, value: OnnxValue, shape: readonly string[]): void {
    if (value.type === 'float32' && (value.dims === undefined || value.dims.length === shape.length)) return
    this.issue(code, where, {
      expected: `float32 [${shape.join(', ')}]`,
      received: shapeText(value),
      remedy:
        value.type === 'float32'
          ? 'Export it again with that shape (docs/onnx.md).'
          : 'Export it again with a cast to float32 (docs/onnx.md).',
    })
  }

  /** The embedding size of an output: as its shape declares, or as the metadata say; both must agree. */
  private size(
    output: OnnxValue | undefined,
    key: 'timestamp_embedding_size' | 'scene_embedding_size',
  ): number | undefined {
    if (output === undefined) return undefined
    const declared = output.dims?.at(-1)
    if (typeof declared !== 'number')
      return this.needed(key, `where the shape of ${output.name} does not tell: ${shapeText(output)}`)
    const said = this.values[key]
    if (said !== undefined) this.agree(`hear.${key}`, declared, said, key)
    if (declared < 1 || declared > MOST_SIZE)
      this.issue('model/onnx-output', `output ${output.name}`, {
        expected: `embeddings of 1 to ${MOST_SIZE} floats`,
        received: shapeText(output),
        remedy: 'Export it again with that shape (docs/onnx.md).',
      })
    return declared
  }

  private agree(where: string, declared: number, said: number, name: MetadataName): void {
    if (declared === said) return
    this.issue('model/onnx-metadata-value', where, {
      expected: `${declared}, as the file's shapes declare`,
      received: String(said),
      remedy: this.set(`${name}=${declared}`),
    })
  }

  private needed<Name extends MetadataName>(name: Name, when: string): HearMetadata[Name] {
    const value = this.values[name]
    // A value that is there but wrong has its issue already.
    if (value === undefined && !this.file.metadata.some(({ key }) => key === METADATA_PREFIX + name))
      this.issue('model/onnx-metadata-missing', `hear.${name}`, {
        expected: `${METADATA_KEYS[name].expected} (${METADATA_KEYS[name].means}), needed ${when}`,
        received: 'nothing',
        remedy: this.set(`${name}=...`),
      })
    return value
  }

  private set(entries: string): string {
    return `hear onnx set ${this.file.path} ${entries}`
  }

  private issue(
    code: string,
    where: string,
    rest: Pick<OnnxIssue, 'expected' | 'received' | 'remedy'>,
  ): void {
    this.issues.push({ code, where, ...rest })
  }
}

/** A declared type and shape as a person writes it, `float32 [n_sounds, 32]`. */
export function shapeText({ type, dims }: OnnxValue): string {
  return dims === undefined ? `${type} of undeclared rank` : `${type} [${dims.join(', ')}]`
}
