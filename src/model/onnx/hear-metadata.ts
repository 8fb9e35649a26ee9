import { nearestName } from '../../base/errors.js'
import { HEAR_SAMPLE_RATES } from '../contract.js'
import type { OnnxFile } from './onnx-file.js'
import type { OnnxIssue } from './onnx-issue.js'

/** Before each of our keys in an ONNX file's metadata_props. */
export const METADATA_PREFIX = 'hear.'

/** One key of the contract: what it says, and which values it may have. */
export interface MetadataKey<Value> {
  readonly means: string
  /** Follows "expected". */
  readonly expected: string
  /** Undefined for text that is no value of this key. */
  parse(text: string): Value | undefined
}

/** 20 minutes at 48 kHz, the longest clip of HEAR: nothing may ask for more samples at once. */
const MOST_SAMPLES = 20 * 60 * 48_000
/** Far beyond any embedding; larger ones would be refused by memory, less clearly. */
export const MOST_SIZE = 2 ** 24

const count = (least: number, most: number, means: string): MetadataKey<number> => ({
  means,
  expected: `a whole number from ${least} to ${most}`,
  parse: (text) => {
    const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN
    return value >= least && value <= most ? value : undefined
  },
})

const samples = (least: number, means: string) => count(least, MOST_SAMPLES, means)

const milliseconds = (least: 'above 0' | '0 or more', means: string): MetadataKey<number> => ({
  means,
  expected: `milliseconds, ${least}`,
  parse: (text) => {
    const value = /^\d+(\.\d+)?(e-?\d+)?$/i.test(text) ? Number(text) : Number.NaN
    return Number.isFinite(value) && (value > 0 || least === '0 or more') ? value : undefined
  },
})

const choice = <Value extends string>(values: readonly Value[], means: string): MetadataKey<Value> => ({
  means,
  expected: values.join(' or '),
  parse: (text) => values.find((value) => value === text),
})

const text = (means: string): MetadataKey<string> => ({
  means,
  expected: 'text',
  parse: (value) => (value.trim() === '' ? undefined : value),
})

/** Every key of the contract, version 1. */
export const METADATA_KEYS = {
  contract: choice(['1'], 'version of the contract'),
  name: text('name of the model, for people'),
  sample_rate: {
    means: 'rate of the audio it takes, in Hz',
    expected: `one of ${HEAR_SAMPLE_RATES.join(', ')}`,
    parse: (value) => HEAR_SAMPLE_RATES.find((rate) => String(rate) === value),
  } satisfies MetadataKey<number>,
  timestamp_embedding_size: count(1, MOST_SIZE, 'D of timestamp_embeddings [n_sounds, n_timestamps, D]'),
  scene_embedding_size: count(1, MOST_SIZE, 'S of scene_embeddings [n_sounds, S]'),
  min_samples: samples(1, 'shorter clips are padded with zeros to this length'),
  hop_ms: milliseconds('above 0', 'time from frame to frame'),
  first_timestamp_ms: milliseconds('0 or more', 'centre of the first frame'),
  chunking: choice(['none', 'halo', 'fixed'], 'how a long clip may be cut'),
  halo_samples: samples(0, 'samples around a frame that decide it (halo)'),
  chunk_align_samples: samples(1, 'cuts lie at multiples of this (halo)'),
  chunk_align_frames: samples(1, 'frames in that many samples (halo)'),
  window_samples: samples(1, 'length that the model takes (fixed)'),
  window_hop_samples: samples(1, 'from window to window; window_samples unless given (fixed)'),
  scene_from_timestamps: {
    means: 'a scene is the mean of all frames, or of every k-th',
    expected: 'mean or mean_every_k, such as mean_every_5',
    parse: (value) => {
      if (value === 'mean') return 1
      const k = Number(/^mean_every_([1-9]\d{0,5})$/.exec(value)?.[1])
      return Number.isNaN(k) ? undefined : k
    },
  } satisfies MetadataKey<number>,
  edge_padding: text('how the model pads the ends of a clip, for people'),
  irregular_timestamps: choice(['true', 'false'], 'whether the time between frames varies'),
  code_license: text('licence of the code, an SPDX identifier'),
  weights_license: text('licence of the weights, an SPDX identifier'),
  source: text('where it comes from, a URL'),
} as const

export type MetadataName = keyof typeof METADATA_KEYS

/** Values of the keys that a file has, parsed. */
export type HearMetadata = {
  readonly [Name in MetadataName]?: Exclude<ReturnType<(typeof METADATA_KEYS)[Name]['parse']>, undefined>
}

export const METADATA_NAMES = Object.keys(METADATA_KEYS) as MetadataName[]

/** Shorter words are near to some key whatever they mean (`date` to `name`). */
const LEAST_TELLING = 6

/** What an ONNX file says in hear.* metadata. */
export interface ReadMetadata {
  readonly values: HearMetadata
  /** Entries of hear.* that the contract does not name: remarks for people, in the order of the file. */
  readonly remarks: readonly { readonly key: string; readonly value: string }[]
  readonly issues: readonly OnnxIssue[]
}

/**
 * Parses the hear.* entries of an ONNX file. A value that is none of its key, a key given twice, and a key that
 * looks like a misspelling of one that is missing are issues.
 */
export function readMetadata(file: OnnxFile): ReadMetadata {
  const entries = file.metadata.filter(({ key }) => key.startsWith(METADATA_PREFIX))
  const names = entries.map(({ key }) => key.slice(METADATA_PREFIX.length))
  const values: Partial<Record<MetadataName, unknown>> = {}
  const remarks: ReadMetadata['remarks'][number][] = []
  const issues: OnnxIssue[] = []
  entries.forEach(({ key, value }, i) => {
    const name = names[i]
    if (names.indexOf(name) !== i) {
      if (isMetadataName(name))
        issues.push({
          code: 'model/onnx-metadata-twice',
          where: key,
          expected: 'one value',
          received: 'several',
          remedy: `hear onnx set ${file.path} ${name}=${value}`,
        })
      return
    }
    if (!isMetadataName(name)) {
      remarks.push({ key, value })
      const meant = name.length < LEAST_TELLING ? undefined : nearestName(name, METADATA_NAMES)
      if (meant !== undefined && !names.includes(meant))
        issues.push({
          code: 'model/onnx-metadata-unknown',
          where: key,
          expected: `a key of the contract, perhaps ${METADATA_PREFIX}${meant}`,
          received: JSON.stringify(value),
          remedy: `hear onnx set ${file.path} ${name}= ${meant}=${value}`,
        })
      return
    }
    const parsed = METADATA_KEYS[name].parse(value)
    if (parsed === undefined)
      issues.push({
        code: 'model/onnx-metadata-value',
        where: key,
        expected: METADATA_KEYS[name].expected,
        received: JSON.stringify(value),
        remedy: `hear onnx set ${file.path} ${name}=...`,
      })
    else values[name] = parsed
  })
  return { values: values as HearMetadata, remarks, issues }
}

/** Whether a name is a key of the contract. */
export function isMetadataName(name: string): name is MetadataName {
  return Object.hasOwn(METADATA_KEYS, name)
}
