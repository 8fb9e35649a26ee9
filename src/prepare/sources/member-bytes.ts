import { crc32 } from 'node:zlib'
import { HearError } from '../../base/errors.js'
import type { Member } from './member-names.js'

/**
 * Passes a member's bytes on and checks their number, and their CRC-32 where the archive gives one.
 *
 * @throws HearError naming archive and member: at the first byte too many, and at the end
 */
export async function* checkedBytes(
  bytes: AsyncIterable<Uint8Array>,
  archive: string,
  member: Member,
  expectedCrc32?: number,
): AsyncIterable<Uint8Array> {
  let nBytes = 0
  let crc = 0
  for await (const chunk of bytes) {
    nBytes += chunk.byteLength
    if (nBytes > member.sizeBytes)
      throw damaged(archive, member.name, `more than the ${member.sizeBytes} bytes that the archive declares`)
    if (expectedCrc32 !== undefined) crc = crc32(chunk, crc)
    yield chunk
  }
  if (nBytes !== member.sizeBytes)
    throw damaged(archive, member.name, `${nBytes} bytes; the archive declares ${member.sizeBytes}`)
  if (expectedCrc32 !== undefined && crc !== expectedCrc32)
    throw damaged(archive, member.name, `the CRC-32 ${hex(crc)}; the archive declares ${hex(expectedCrc32)}`)
}

/** The error of a member whose content is not what the archive says. @param found what it has */
export function damaged(archive: string, name: string, found: string, cause?: unknown): HearError {
  return new HearError('source/damaged-member', `"${name}" in "${archive}" is damaged: it has ${found}.`, {
    hint: 'Get the archive again, and give its md5 checksum in the task.',
    cause,
  })
}

/**
 * Gathers a member in memory.
 *
 * @throws HearError for one larger than `limitBytes`
 */
export async function gatherBytes(
  bytes: AsyncIterable<Uint8Array>,
  archive: string,
  member: Member,
  limitBytes: number,
): Promise<Uint8Array> {
  if (member.sizeBytes > limitBytes)
    throw new HearError(
      'source/too-large',
      `"${member.name}" in "${archive}" has ${member.sizeBytes} bytes; at most ${limitBytes} can be read at once.`,
      { hint: 'Cut it into smaller files.' },
    )
  const whole = new Uint8Array(member.sizeBytes)
  let nBytes = 0
  for await (const chunk of bytes) {
    whole.set(chunk, nBytes)
    nBytes += chunk.byteLength
  }
  return whole
}

function hex(crc: number): string {
  return crc.toString(16).padStart(8, '0')
}
