import type { ProbeNet } from '../net/probe-net.js'
import type { SplitData } from './split-data.js'

/** Copies rows of one or more splits, laid end to end, into a net's inputs and targets. */
export class RowFeeder {
  readonly rows: number
  private readonly starts: number[] = []
  private resident = -1

  constructor(
    private readonly net: ProbeNet,
    private readonly splits: readonly SplitData[],
  ) {
    let rows = 0
    for (const split of splits) {
      this.starts.push(rows)
      rows += split.rows
    }
    this.rows = rows
  }

  /** Rows `start` to `start + count` in stored order become the net's first rows. */
  feed(start: number, count: number): void {
    // A split that fits one batch stays where it is: nothing to copy after the first time.
    const whole = start === 0 && count === this.rows
    if (whole && this.resident === count) return
    let done = 0
    while (done < count) {
      const s = this.splitOf(start + done)
      const from = start + done - this.starts[s]
      const n = Math.min(count - done, this.splits[s].rows - from)
      this.copy(this.splits[s], from, n, done)
      done += n
    }
    this.resident = whole ? count : -1
  }

  /** The rows of `order[start]` to `order[start + count]` become the net's first rows. */
  feedOrder(order: Int32Array, start: number, count: number): void {
    this.resident = -1
    for (let i = 0; i < count; i++) {
      const s = this.splitOf(order[start + i])
      this.copy(this.splits[s], order[start + i] - this.starts[s], 1, i)
    }
  }

  /** Call when something else has written to the net's inputs. */
  forget(): void {
    this.resident = -1
  }

  private splitOf(row: number): number {
    let s = this.starts.length - 1
    while (this.starts[s] > row) s--
    return s
  }

  private copy(split: SplitData, from: number, count: number, to: number): void {
    const { net } = this
    const d = split.inputSize
    const row = net.layout.inputStride
    if (row === d) net.inputs.set(split.embeddings.subarray(from * d, (from + count) * d), to * d)
    else
      for (let i = 0; i < count; i++)
        net.inputs.set(split.embeddings.subarray((from + i) * d, (from + i + 1) * d), (to + i) * row)
    if (split.targets.kind === 'multiclass') {
      net.classIndex.set(split.targets.classIndex.subarray(from, from + count), to)
      return
    }
    const [labels, stride] = [net.shape.outputs, net.layout.outputStride]
    const { hot } = split.targets
    if (labels === stride) net.hot.set(hot.subarray(from * labels, (from + count) * labels), to * stride)
    else
      for (let i = 0; i < count; i++)
        net.hot.set(hot.subarray((from + i) * labels, (from + i + 1) * labels), (to + i) * stride)
  }
}

/** Sizes of the batches of an epoch, in order. */
export function planBatches(rows: number, batchSize: number, joinSingleRow: boolean): number[] {
  const sizes: number[] = []
  for (let start = 0; start < rows; start += batchSize) sizes.push(Math.min(batchSize, rows - start))
  if (joinSingleRow && sizes.length > 1 && sizes[sizes.length - 1] === 1) {
    sizes.pop()
    sizes[sizes.length - 1]++
  }
  return sizes
}
