import { HearError } from '../../base/errors.js'
import { externalDataFiles } from './external-data.js'
import { METADATA_KEYS, METADATA_PREFIX, type MetadataName, type ReadMetadata } from './hear-metadata.js'
import { checkContract } from './onnx-contract.js'
import { type OnnxFile, type OnnxValue, readOnnxFile } from './onnx-file.js'
import type { OnnxIssue } from './onnx-issue.js'

/** All that an ONNX file says of itself, and how it stands to the contract. */
export interface OnnxDescription {
  readonly file: string
  readonly bytes: number
  readonly irVersion: number
  readonly producer: string
  readonly opsets: OnnxFile['opsets']
  readonly nodes: number
  /** Files beside it that hold weights, as it names them. */
  readonly externalData: readonly string[]
  readonly inputs: readonly OnnxValue[]
  readonly outputs: readonly OnnxValue[]
  /** hear.* entries of the contract, as written, with what they mean. */
  readonly metadata: readonly { readonly key: string; readonly value: string; readonly means: string }[]
  /** hear.* entries that the contract does not name. */
  readonly remarks: ReadMetadata['remarks']
  readonly followsContract: boolean
  readonly issues: readonly OnnxIssue[]
  /** Keys that are missing, and would help whoever uses the model. */
  readonly worthSetting: readonly { readonly key: string; readonly why: string }[]
}

const WORTH_SETTING: readonly (readonly [MetadataName, string])[] = [
  ['name', METADATA_KEYS.name.means],
  ['min_samples', 'the shortest clip it takes; now 1'],
  ['chunking', 'long clips run whole now; halo or fixed keeps memory bounded'],
  ['code_license', METADATA_KEYS.code_license.means],
  ['weights_license', METADATA_KEYS.weights_license.means],
  ['source', METADATA_KEYS.source.means],
]

/**
 * Describes an ONNX file without running it.
 * @throws HearError when it cannot be read, or is no ONNX file.
 */
export function describeOnnx(path: string): OnnxDescription {
  const file = readOnnxFile(path)
  const { metadata, issues } = checkContract(file)
  const all = [...issues, ...externalIssues(file)]
  const has = (key: string) => file.metadata.some((entry) => entry.key === key)
  return {
    file: path,
    bytes: file.size,
    irVersion: file.irVersion,
    producer: file.producer,
    opsets: file.opsets,
    nodes: file.nNodes,
    externalData: file.externalLocations,
    inputs: file.inputs,
    outputs: file.outputs,
    metadata: file.metadata.flatMap(({ key, value }) => {
      const name = key.slice(METADATA_PREFIX.length)
      if (!key.startsWith(METADATA_PREFIX) || !Object.hasOwn(METADATA_KEYS, name)) return []
      return [{ key, value, means: METADATA_KEYS[name as MetadataName].means }]
    }),
    remarks: metadata.remarks,
    followsContract: all.length === 0,
    issues: all,
    worthSetting: WORTH_SETTING.map(([name, why]) => ({ key: METADATA_PREFIX + name, why })).filter(
      ({ key }) => !has(key),
    ),
  }
}

function externalIssues(file: OnnxFile): OnnxIssue[] {
  try {
    externalDataFiles(file)
    return []
  } catch (error) {
    if (!(error instanceof HearError)) throw error
    const received = error.message
    const expected = 'weights in the file, or in files beside it'
    return [{ code: error.code, where: 'external data', expected, received, remedy: error.hint ?? '' }]
  }
}
