import { audioShape } from '../audio-shape.js'
import type { HearModel, Tensor, TimestampEmbeddings } from '../contract.js'
import { printable } from '../onnx/printable.js'
import type { Message, RawTensor } from './message.js'
import { PYTHON_FUNCTIONS, type PythonFailure, pythonFailed } from './python-errors.js'
import { PythonProcess } from './python-process.js'

/** What bridge.py tells of a model that it has loaded. */
export interface PythonFacts {
  /** Version and path of the interpreter. */
  readonly python: string
  readonly executable: string
  /** Whose tensors the model takes, with the version. */
  readonly library: string
  readonly device: string
  readonly functions: { readonly timestamps: boolean; readonly scenes: boolean }
  /** By their Python names; null where missing, a text where it is no int. */
  readonly attributes: Readonly<Record<string, number | string | null>>
  readonly version: string | null
  readonly license: string | null
  readonly sourceHash: string
}

export interface PythonModelOptions {
  readonly python: string
  readonly module: string
  readonly weightsPath: string | undefined
  /** Of loading, and of each call. */
  readonly limitSec: number
  readonly signal?: AbortSignal
}

/**
 * A model of a Python module. Calls run one after the other. A call that ends the process (a crash, the time limit)
 * fails alone: the next one starts another.
 */
export class PythonModel implements HearModel {
  /** As the module says them, also where they are of another type: the validator wants to see them. */
  sampleRate!: number
  sceneEmbeddingSize!: number
  timestampEmbeddingSize!: number
  private process: PythonProcess | undefined
  private queue: Promise<unknown> = Promise.resolve()
  private closed = false

  constructor(private readonly options: PythonModelOptions) {}

  /** Starts Python and loads the model. @throws HearError saying what is wrong; nothing is left running then. */
  async open(): Promise<PythonFacts> {
    const { python, module, weightsPath = null } = this.options
    const process = new PythonProcess(python, module)
    this.process = process
    try {
      const { header } = await process.ask(
        { do: 'load', module, weights: weightsPath },
        undefined,
        PYTHON_FUNCTIONS.load,
        this.options,
      )
      const facts = printableFacts(this.answerOf<PythonFacts>(header))
      this.sampleRate = attribute(facts, 'sample_rate')
      this.sceneEmbeddingSize = attribute(facts, 'scene_embedding_size')
      this.timestampEmbeddingSize = attribute(facts, 'timestamp_embedding_size')
      return facts
    } catch (error) {
      await process.close()
      throw error
    }
  }

  /** Frames and times as the module returns them, whatever their type and shape. @throws HearError when it fails. */
  async embedTimestamps(audio: Tensor): Promise<TimestampEmbeddings> {
    const [embeddings, timestamps] = await this.embed('timestamps', audio)
    return { embeddings: embeddings as Tensor, timestamps: timestamps as Tensor }
  }

  /** Scenes as the module returns them, whatever their type and shape. @throws HearError when it fails. */
  async embedScenes(audio: Tensor): Promise<Tensor> {
    const [embeddings] = await this.embed('scenes', audio)
    return embeddings as Tensor
  }

  async close(): Promise<void> {
    this.closed = true
    await this.process?.close()
  }

  private embed(what: 'timestamps' | 'scenes', audio: Tensor): Promise<readonly RawTensor[]> {
    audioShape(audio)
    const answer = this.queue.then(async () => {
      if (this.process === undefined || (this.process.isGone && !this.closed)) await this.open()
      const { header, tensors }: Message = await this.process!.ask(
        { do: what },
        audio,
        PYTHON_FUNCTIONS[what],
        this.options,
      )
      this.answerOf(header)
      return tensors
    })
    this.queue = answer.catch(() => {})
    return answer
  }

  private answerOf<Answer>(header: Message['header']): Answer {
    if (header.failed !== undefined) throw pythonFailed(this.options.module, header.failed as PythonFailure)
    return header.ok as Answer
  }
}

/** The texts are the module's, and will be printed. */
function printableFacts(facts: PythonFacts): PythonFacts {
  return JSON.parse(JSON.stringify(facts), (_, value) =>
    typeof value === 'string' ? printable(value) : value,
  )
}

function attribute({ attributes }: PythonFacts, name: string): number {
  return (attributes[name] ?? undefined) as number
}
