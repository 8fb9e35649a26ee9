import { HearError } from '../base/errors.js'

/** Where a named region lies in a kernel memory: offset and length in 4-byte words. */
export interface Region {
  readonly offset: number
  readonly length: number
}

const PAGE_BYTES = 65536
/** First usable byte: the kernels keep no static data, but address 0 stays unused so that 0 can mean "none". */
const BASE_BYTES = 1024
const ALIGN_WORDS = 16

/**
 * One private WebAssembly memory cut into named, 64-byte aligned regions of 32-bit words, planned before it
 * is allocated. Not shared: onnxruntime refuses tensors over a SharedArrayBuffer.
 */
export class KernelMemory<Name extends string = string> {
  readonly memory: WebAssembly.Memory
  readonly f32: Float32Array
  readonly i32: Int32Array
  private readonly regions = new Map<Name, Region>()

  /**
   * @param plan words (4 bytes each) of every region, in order; they start at zero.
   * @param reuse a memory that is no longer needed: its block is taken over, and grown where it is too small.
   */
  constructor(plan: Iterable<readonly [Name, number]>, reuse?: KernelMemory<string>) {
    let offset = BASE_BYTES / 4
    for (const [name, length] of plan) {
      this.regions.set(name, { offset, length })
      offset += Math.ceil(length / ALIGN_WORDS) * ALIGN_WORDS
    }
    const pages = Math.ceil((offset * 4) / PAGE_BYTES)
    if (pages > 65536)
      throw new HearError(
        'num/memory-too-large',
        `The kernels would need ${(pages / 16384).toFixed(1)} GiB of memory in one block; WebAssembly allows 4 GiB.`,
        { hint: 'Use a smaller batch or a smaller embedding.' },
      )
    if (reuse === undefined) {
      this.memory = new WebAssembly.Memory({ initial: pages })
    } else {
      this.memory = reuse.memory
      const present = this.memory.buffer.byteLength / PAGE_BYTES
      if (present < pages) this.memory.grow(pages - present)
    }
    this.f32 = new Float32Array(this.memory.buffer)
    this.i32 = new Int32Array(this.memory.buffer)
    if (reuse !== undefined) this.f32.fill(0)
  }

  /** Offset of a region in 32-bit words. */
  at(name: Name): number {
    return this.region(name).offset
  }

  /** Byte address of a region, as the kernels take it. */
  address(name: Name): number {
    return this.region(name).offset * 4
  }

  /** The region as floats. */
  floats(name: Name): Float32Array {
    const { offset, length } = this.region(name)
    return this.f32.subarray(offset, offset + length)
  }

  private region(name: Name): Region {
    const region = this.regions.get(name)
    if (region === undefined) throw new Error(`no region ${name} in this kernel memory`)
    return region
  }
}
