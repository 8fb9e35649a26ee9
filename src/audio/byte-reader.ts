/**
 * Reads a stream of bytes in pieces of the size one asks for, and lets one look ahead without taking. Holds no
 * more than what was looked at and one chunk of the source.
 */
export class ByteReader {
  private readonly source: AsyncIterator<Uint8Array>
  private held: Uint8Array[] = []
  private nHeld = 0
  private hasEnded = false
  /** Bytes taken so far. */
  position = 0

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.source = chunks[Symbol.asyncIterator]()
  }

  /** The next `nBytes` without taking them; fewer only where the stream ends. */
  async peek(nBytes: number): Promise<Uint8Array> {
    while (this.nHeld < nBytes && (await this.fetch())) {}
    if (this.held.length > 1) this.held = [Buffer.concat(this.held, this.nHeld)]
    return this.held.length === 0 ? new Uint8Array(0) : this.held[0].subarray(0, nBytes)
  }

  /** Takes the next `nBytes`; fewer only where the stream ends. */
  async take(nBytes: number): Promise<Uint8Array> {
    const bytes = await this.peek(nBytes)
    this.advance(bytes.length)
    return bytes
  }

  /** Takes what is at hand, at least one byte and at most `nBytes`; undefined at the end of the stream. */
  async takeSome(nBytes: number): Promise<Uint8Array | undefined> {
    while (this.nHeld === 0 && (await this.fetch())) {}
    if (this.nHeld === 0) return undefined
    const bytes = this.held[0].subarray(0, nBytes)
    this.advance(bytes.length)
    return bytes
  }

  /** Takes what is at hand in whole units, at least one and at most `nBytes`; undefined where less than one is left. */
  async takeWhole(unitBytes: number, nBytes: number): Promise<Uint8Array | undefined> {
    if ((await this.peek(unitBytes)).length < unitBytes) return undefined
    const available = Math.min(nBytes, this.held[0].length)
    return this.takeSome(available - (available % unitBytes))
  }

  /** Ends the source, so that a file behind it is closed. */
  async close(): Promise<void> {
    this.held = []
    this.nHeld = 0
    if (this.hasEnded) return
    this.hasEnded = true
    await this.source.return?.()
  }

  private async fetch(): Promise<boolean> {
    if (this.hasEnded) return false
    const { done, value } = await this.source.next()
    if (done) {
      this.hasEnded = true
      return false
    }
    if (value.length > 0) {
      this.held.push(value)
      this.nHeld += value.length
    }
    return true
  }

  private advance(nBytes: number): void {
    this.position += nBytes
    this.nHeld -= nBytes
    for (let left = nBytes; left > 0; ) {
      const first = this.held[0]
      if (first.length > left) this.held[0] = first.subarray(left)
      else this.held.shift()
      left -= Math.min(left, first.length)
    }
  }
}
