/** Samples that are at first provided for: 256 KiB of them. */
const FIRST_CAPACITY = 1 << 17

/** Collects samples of which nobody knows how many will come, in one array that doubles as needed. */
export class PcmCollector {
  private samples: Int16Array
  length = 0

  /** @param expected the number that is likely to come; a promise of a file, so not trusted with memory at once. */
  constructor(private readonly expected: number) {
    this.samples = new Int16Array(Math.min(FIRST_CAPACITY, expected))
  }

  add(samples: Int16Array): void {
    const needed = this.length + samples.length
    if (needed > this.samples.length) {
      const doubled = 2 * this.samples.length
      // The last step goes no further than what was announced.
      const capacity = needed <= this.expected ? Math.min(doubled, this.expected) : doubled
      const larger = new Int16Array(Math.max(needed, capacity))
      larger.set(this.samples.subarray(0, this.length))
      this.samples = larger
    }
    this.samples.set(samples, this.length)
    this.length = needed
  }

  /** The samples in an array that holds nothing else. */
  finish(): Int16Array {
    return this.length === this.samples.length ? this.samples : this.samples.slice(0, this.length)
  }
}
