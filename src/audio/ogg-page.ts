import { damaged } from './audio-stream.js'
import type { ByteReader } from './byte-reader.js'

/** One page of an Ogg file. */
export interface OggPage {
  readonly bytes: Uint8Array
  readonly body: Uint8Array
  readonly isFirst: boolean
  readonly isLast: boolean
  /** Samples per channel of the whole stream up to the end of this page; undefined where no sound ends on it. */
  readonly granule: number | undefined
  /** Number of the logical stream that the page belongs to. */
  readonly serial: number
  /** Number of the page within its stream. */
  readonly index: number
}

const HEADER_BYTES = 27
const CRC_AT = 22

/**
 * Takes the next page of an Ogg file; undefined where the file ends.
 *
 * @throws HearError naming the byte where no page begins, one is cut off, or its checksum is wrong.
 * Source: RFC 3533.
 */
export async function takeOggPage(reader: ByteReader, name: string): Promise<OggPage | undefined> {
  const page = await peekOggPage(reader, name, 0)
  if (page !== undefined) await reader.take(page.bytes.length)
  return page
}

/** The page that begins `offset` bytes ahead, without taking it; as takeOggPage. */
export async function peekOggPage(
  reader: ByteReader,
  name: string,
  offset: number,
): Promise<OggPage | undefined> {
  const at = reader.position + offset
  const header = (await reader.peek(offset + HEADER_BYTES)).subarray(offset)
  if (header.length === 0) return undefined
  if (header.length < HEADER_BYTES || !isOggPage(header))
    throw damaged(name, `no Ogg page begins at byte ${at}`)
  const bodyAt = HEADER_BYTES + header[26]
  const lengths = (await reader.peek(offset + bodyAt)).subarray(offset + HEADER_BYTES)
  const end = bodyAt + lengths.reduce((sum, length) => sum + length, 0)
  const bytes = (await reader.peek(offset + end)).subarray(offset)
  if (bytes.length < end) throw damaged(name, `it is cut off within the Ogg page at byte ${at}`)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (view.getUint32(CRC_AT, true) !== checksum(bytes))
    throw damaged(name, `the checksum of the Ogg page at byte ${at} is wrong`)
  const granule = view.getBigInt64(6, true)
  return {
    bytes,
    body: bytes.subarray(bodyAt),
    isFirst: (bytes[5] & 2) !== 0,
    isLast: (bytes[5] & 4) !== 0,
    granule: granule === -1n ? undefined : Number(granule),
    serial: view.getUint32(14, true),
    index: view.getUint32(18, true),
  }
}

function isOggPage(header: Uint8Array): boolean {
  return (
    header[0] === 0x4f && header[1] === 0x67 && header[2] === 0x67 && header[3] === 0x53 && header[4] === 0
  )
}

/** CRC-32 with the polynomial 0x04c11db7, highest bit first, from 0; the field of the checksum counts as zeros. */
function checksum(page: Uint8Array): number {
  let crc = 0
  for (let i = 0; i < page.length; i++) {
    const byte = i >= CRC_AT && i < CRC_AT + 4 ? 0 : page[i]
    crc = (crc << 8) ^ CRC_TABLE[(crc >>> 24) ^ byte]
  }
  return crc >>> 0
}

const CRC_TABLE = Int32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 24
  for (let bit = 0; bit < 8; bit++) crc = (crc << 1) ^ (crc < 0 ? 0x04c11db7 : 0)
  return crc
})
