import { HearError, nearestName } from '../../base/errors.js'
import { ProtobufMessage } from '../../base/protobuf-message.js'
import { AtomicFile } from '../../store/atomic.js'
import { type ByteSource, withFileBytes } from './byte-source.js'
import { isMetadataName, METADATA_KEYS, METADATA_NAMES, METADATA_PREFIX } from './hear-metadata.js'
import { type OnnxFile, readOnnx } from './onnx-file.js'

/** ModelProto.metadata_props, and the fields of its entries. */
const METADATA_FIELD = 14
const KEY_FIELD = 1
const VALUE_FIELD = 2

/** Copied at once. */
const COPY_BYTES = 16 * 2 ** 20

/** A key of the contract without its prefix, and its value; an empty value removes the key. */
export type MetadataSetting = readonly [name: string, value: string]

/**
 * Takes `sample_rate=16000` apart; a prefix `hear.` is allowed.
 *
 * @throws HearError for text without "=", for a key that the contract does not have, and for a value that is none
 * of its key. A key that the contract does not have may be removed.
 */
export function parseSetting(text: string): MetadataSetting {
  const at = text.indexOf('=')
  const name = text.slice(0, Math.max(0, at)).replace(METADATA_PREFIX, '')
  const value = text.slice(at + 1)
  if (at < 1)
    throw new HearError('model/onnx-setting', `Expected key=value, found "${text}".`, {
      hint: 'For example sample_rate=16000; key= removes a key.',
    })
  if (!isMetadataName(name)) {
    if (value === '') return [name, value]
    const near = nearestName(name, METADATA_NAMES)
    throw new HearError('model/onnx-setting', `The ONNX contract has no key "${name}" (in "${text}").`, {
      hint: near === undefined ? `Its keys are ${METADATA_NAMES.join(', ')}.` : `Did you mean "${near}"?`,
    })
  }
  const { expected, means, parse } = METADATA_KEYS[name]
  if (value !== '' && parse(value) === undefined)
    throw new HearError(
      'model/onnx-setting',
      `Expected ${name} to be ${expected} (${means}), found "${value}".`,
      { hint: `Give ${name}=value, or ${name}= to remove it.` },
    )
  return [name, value]
}

/**
 * Writes a copy of an ONNX file with other hear.* metadata; every other byte stays as it is. A file without
 * hear.contract gets version 1.
 *
 * @param out the file to write, whole or not at all; it may be the file itself.
 * @throws HearError when the file is no ONNX file, or cannot be read or written.
 */
export async function setMetadata(
  path: string,
  settings: readonly MetadataSetting[],
  out: string,
): Promise<void> {
  const file = withFileBytes(path, readOnnx)
  const wanted = new Map(settings)
  const versioned = file.metadata.some(({ key }) => key === `${METADATA_PREFIX}contract`)
  if (!versioned && !wanted.has('contract')) wanted.set('contract', '1')
  const kept = rangesWithout(file, new Set([...wanted.keys()].map((name) => METADATA_PREFIX + name)))
  const target = await AtomicFile.create(out)
  try {
    for (const [from, end] of kept)
      for (let at = from; at < end; at += COPY_BYTES)
        await target.write(readRange(path, file.size, at, Math.min(end, at + COPY_BYTES)))
    await target.write(entriesOf(wanted))
    await target.commit()
  } catch (error) {
    await target.abort()
    throw error
  }
}

function entriesOf(settings: ReadonlyMap<string, string>): Uint8Array {
  const model = new ProtobufMessage()
  for (const [name, value] of settings) {
    if (value === '') continue
    const entry = new ProtobufMessage().text(KEY_FIELD, METADATA_PREFIX + name).text(VALUE_FIELD, value)
    model.message(METADATA_FIELD, entry)
  }
  return model.encode()
}

/** The parts [from, end) of a file that are not entries of these keys. */
function rangesWithout({ metadata, size }: OnnxFile, keys: ReadonlySet<string>): [number, number][] {
  const ranges: [number, number][] = []
  let from = 0
  for (const { key, start, end } of metadata) {
    if (!keys.has(key)) continue
    ranges.push([from, start])
    from = end
  }
  ranges.push([from, size])
  return ranges.filter(([begin, end]) => end > begin)
}

/** @throws HearError when the file has changed its size since it was looked at. */
function readRange(path: string, size: number, from: number, end: number): Uint8Array {
  return withFileBytes(path, (source: ByteSource) => {
    if (source.size === size) return source.read(from, end - from).slice()
    throw new HearError('model/onnx-changed', `"${path}" changed while it was read.`, {
      hint: 'Another program writes to it; run again when that has finished.',
    })
  })
}
