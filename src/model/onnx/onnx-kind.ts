import { existsSync } from 'node:fs'
import { basename } from 'node:path'
import { HearError } from '../../base/errors.js'
import type { HearModule } from '../contract.js'
import type { DeclaredPieces, ModelKind } from '../model-kind.js'
import { externalDataFiles, hashFiles } from './external-data.js'
import { type HearMetadata, METADATA_PREFIX } from './hear-metadata.js'
import { checkContract, type OnnxContract } from './onnx-contract.js'
import { type OnnxFile, readOnnxFile } from './onnx-file.js'
import { issuesError } from './onnx-issue.js'
import { mostSamples, OnnxModel, onnxModule } from './onnx-model.js'
import { OnnxSession } from './onnx-session.js'

const SUFFIX = '.onnx'

/**
 * `./model.onnx`, or two files that share the outputs, `frames.onnx,scenes.onnx`, in any order. Weights are in the
 * files (or beside them, as external data), so `--weights` is refused. One thread unless told otherwise.
 */
export const onnxKind: ModelKind = {
  written: './model.onnx, or two files as frames.onnx,scenes.onnx',
  answersTo: (name) => filesOf(name).every((path) => path.toLowerCase().endsWith(SUFFIX)),
  async open(name, { weights, threads = 1 }) {
    if (weights !== undefined)
      throw new HearError(
        'model/no-weights-option',
        `"${name}" brings its own weights, but --weights "${weights}" was given.`,
        {
          hint: 'Leave --weights out; the two files of a model are given as --model frames.onnx,scenes.onnx.',
        },
      )
    const read = filesOf(name).map(readChecked)
    const dataFiles = read.flatMap(({ file }) => [file.path, ...externalDataFiles(file)])
    const roles = shareOutputs(read)
    const weightsHash = await hashFiles(dataFiles)
    const sessions: OnnxSession[] = []
    try {
      for (const { file, contract } of read) sessions.push(await OnnxSession.load(file, contract, threads))
    } catch (error) {
      for (const session of sessions) await session.close()
      throw error
    }
    const session = (one: Checked | undefined) =>
      one === undefined ? undefined : sessions[read.indexOf(one)]
    const model = new OnnxModel(session(roles.frames), session(roles.scenes))
    return {
      module: onnxModule(model) as unknown as HearModule,
      model,
      identity: {
        name: read.map(({ file }) => stemOf(file.path)).join('+'),
        weightsHash,
        description: read.map(describe).join('; '),
        options: { adapter: 'onnx', files: read.map(({ file }) => recorded(file)) },
      },
      declares: {
        codeLicense: agreed(read, ({ code_license }) => code_license),
        weightsLicense: agreed(read, ({ weights_license }) => weights_license),
        irregularTimestamps: roles.frames?.contract.metadata.irregular_timestamps === 'true',
        sceneOnly: roles.frames === undefined,
        pieces: roles.frames && piecesOf(roles.frames.contract),
        sceneEveryFrames: roles.frames?.contract.scene && roles.frames.contract.sceneEveryFrames,
      },
      close: () => model.close(),
    }
  },
}

interface Checked {
  readonly file: OnnxFile
  readonly contract: OnnxContract
}

/** The files that a name names; a comma may also be part of one file's name. */
function filesOf(name: string): string[] {
  return existsSync(name) ? [name] : name.split(',').map((path) => path.trim())
}

function readChecked(path: string): Checked {
  const file = readOnnxFile(path)
  const { contract, issues } = checkContract(file)
  if (contract === undefined) throw issuesError(path, issues)
  return { file, contract }
}

/** Which file gives frames, and which scenes. Two files must differ in what they give, and agree on the rate. */
function shareOutputs(read: readonly Checked[]): { frames?: Checked; scenes?: Checked } {
  const [one, other] = read
  const pair = read.map(({ file }) => `"${file.path}"`).join(' and ')
  const refuse = (what: string, hint: string) => new HearError('model/onnx-pair', `${pair} ${what}`, { hint })
  if (read.length > 2)
    throw refuse(
      `are ${read.length} files; expected one, or two that share the outputs.`,
      'Give at most two.',
    )
  const frames = read.filter(({ contract }) => contract.frames !== undefined)
  const scenes = read.filter(({ contract }) => contract.scene !== undefined)
  if (other !== undefined) {
    if (one.contract.sampleRate !== other.contract.sampleRate)
      throw refuse(
        `take audio at ${one.contract.sampleRate} and ${other.contract.sampleRate} Hz; expected one rate.`,
        'Export both for the same sample rate.',
      )
    if (frames.length !== 1 || scenes.length !== 1)
      throw refuse(
        'do not share the outputs; expected timestamp_embeddings in one file and scene_embeddings in the other.',
        'Give one of the files alone, or export them again with one embedding output each.',
      )
  }
  return { frames: frames[0], scenes: scenes[0] }
}

function piecesOf(contract: OnnxContract): DeclaredPieces | undefined {
  const { chunking, minSamples } = contract
  if (chunking.kind !== 'halo') return undefined
  const { haloSamples, alignSamples, alignFrames } = chunking
  return { mostSamples: mostSamples(contract), minSamples, haloSamples, alignSamples, alignFrames }
}

/** The name of a file without its suffix, as it may stand in a path. */
function stemOf(path: string): string {
  const stem = basename(path).slice(0, -SUFFIX.length)
  return stem.replace(/[^A-Za-z0-9._-]+/g, '_').replace(/^\.+/, '') || 'model'
}

function describe({ file, contract }: Checked): string {
  const { name = basename(file.path), code_license, weights_license } = contract.metadata
  const licence = weights_license ?? code_license
  return `${name}, ONNX at ${contract.sampleRate} Hz${licence === undefined ? '' : `, ${licence}`} (${file.path})`
}

/** A licence that every file states; two that differ are given both. */
function agreed(
  read: readonly Checked[],
  of: (metadata: HearMetadata) => string | undefined,
): string | undefined {
  const found = read.map(({ contract }) => of(contract.metadata))
  return found.every((one) => one !== undefined) ? [...new Set(found)].join(' and ') : undefined
}

function recorded(file: OnnxFile): { file: string; metadata: Record<string, string> } {
  return {
    file: basename(file.path),
    metadata: Object.fromEntries(
      file.metadata.flatMap(({ key, value }) => (key.startsWith(METADATA_PREFIX) ? [[key, value]] : [])),
    ),
  }
}
