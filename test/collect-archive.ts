/** Everything that an open archive holds, for tests of its formats. */
import type { Archive } from '../src/prepare/sources/archive.js'

/** Content by name, as a visit of all members gives it. */
export async function contentOf(
  archive: Archive,
  names: Iterable<string> = archive.members.map(({ name }) => name),
  concurrency = 2,
): Promise<Map<string, Buffer>> {
  const content = new Map<string, Buffer>()
  const use = async (name: string, member: { stream(): AsyncIterable<Uint8Array> }) => {
    const chunks: Uint8Array[] = []
    for await (const chunk of member.stream()) chunks.push(chunk)
    content.set(name, Buffer.concat(chunks))
  }
  await archive.visit(new Set(names), use, { concurrency })
  return content
}

/** Visits all members and leaves each after its first bytes; how many gave bytes at all. */
export async function leaveEarly(archive: Archive, concurrency = 2): Promise<number> {
  let nBegun = 0
  const use = async (_name: string, member: { stream(): AsyncIterable<Uint8Array> }) => {
    for await (const chunk of member.stream()) {
      if (chunk.byteLength > 0) nBegun++
      break
    }
  }
  await archive.visit(new Set(archive.members.map(({ name }) => name)), use, { concurrency })
  return nBegun
}
