import { cutOff } from './pcm-errors.js'
import type { PcmHeader } from './pcm-header.js'
import { parseFormatChunk } from './wav-format-chunk.js'

/** A chunk is its GUID, its size in 64 bits (these 24 bytes included), and its body; the next begins at a multiple of 8. */
const CHUNK_HEADER = 24
/** Ends of the GUIDs of all chunks but the first, whose beginnings are the names that wav files use. */
const GUID_END = 'f3acd3118cd100c04f8edb8a'

/**
 * Reads the chunks of a Sony Wave64 file up to its samples from the beginning of its bytes; undefined when that
 * does not reach as far as the samples.
 *
 * @param name of the file, for errors.
 * @param isWhole whether there are no further bytes: then too few of them are an error.
 * @throws HearError when the header is cut off, and as parseFormatChunk does.
 * Source: Sonic Foundry, "Wave64 file format"; big files only, otherwise a wav file with longer numbers.
 */
export function readW64Header(bytes: Uint8Array, name: string, isWhole: boolean): PcmHeader | undefined {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let format: ReturnType<typeof parseFormatChunk> | undefined
  for (let at = CHUNK_HEADER + 16; at + CHUNK_HEADER <= bytes.length; ) {
    const id =
      buffer.toString('hex', at + 4, at + 16) === GUID_END ? buffer.toString('latin1', at, at + 4) : ''
    const size = Number(buffer.readBigUInt64LE(at + 16))
    if (size < CHUNK_HEADER && id !== 'data') throw cutOff(name, 'w64', `a chunk has the size ${size}`)
    const body = at + CHUNK_HEADER
    if (id === 'data') {
      if (format === undefined) throw cutOff(name, 'w64', 'its data comes before its format')
      const isOpen = size <= CHUNK_HEADER || !Number.isSafeInteger(size)
      const dataBytes = isOpen ? Infinity : size - CHUNK_HEADER
      return { container: 'w64', ...format, dataOffset: body, dataBytes, mayEndEarly: isOpen }
    }
    if (at + size > bytes.length && !isWhole) return undefined
    if (at + size > bytes.length) throw cutOff(name, 'w64', `a chunk of ${size} bytes is cut off`)
    if (id === 'fmt ') format = parseFormatChunk(view, body, size - CHUNK_HEADER, true, name)
    at += Math.ceil(size / 8) * 8
  }
  if (!isWhole) return undefined
  throw cutOff(name, 'w64', format === undefined ? 'it ends within its header' : 'it has no data chunk')
}
