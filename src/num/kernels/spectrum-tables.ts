/** Samples in a frame, and the bins of its power spectrum. */
export const SPECTRUM_FRAME = 4096
export const SPECTRUM_BINS = SPECTRUM_FRAME / 2 + 1
/** Floats of the kernels' work region: four frames. */
export const SPECTRUM_WORK_FLOATS = 4 * SPECTRUM_FRAME

const POINTS = SPECTRUM_FRAME / 2
/** Sizes of the radix-4 passes, before the transforms of 8 points that end the work: 2048 = 4^4 * 8. */
const PASSES = [POINTS, POINTS / 4, POINTS / 16, POINTS / 64]
const BYTES_PER_POINT = 32

/** float32 [680, 6]: per pass of size n and j < n / 4 the numbers w, w^2, w^3, w = exp(-2 pi i j / n). */
export function twiddleTable(): Float32Array {
  const numbers: number[] = []
  for (const size of PASSES)
    for (let j = 0; j < size / 4; j++)
      for (const power of [1, 2, 3]) numbers.push(...unitCircle((j * power) / size))
  return Float32Array.from(numbers)
}

/** int32 [2049]: byte offset in the work region at which the transform leaves bin k; bin 2048 is bin 0. */
export function placeTable(): Int32Array {
  return Int32Array.from({ length: POINTS + 1 }, (_, k) => {
    // Each pass puts the bins with k mod 4 = q into quarter q; the last 8 are in order.
    let place = 0
    let rest = k % POINTS
    for (const size of PASSES) {
      place += (rest % 4) * (size / 4)
      rest = Math.floor(rest / 4)
    }
    return (place + rest) * BYTES_PER_POINT
  })
}

/** float32 [1025, 2]: exp(-2 pi i k / 4096), which joins the transforms of even and odd samples. */
export function turnTable(): Float32Array {
  const numbers: number[] = []
  for (let k = 0; k <= POINTS / 2; k++) numbers.push(...unitCircle(k / SPECTRUM_FRAME))
  return Float32Array.from(numbers)
}

/** exp(-2 pi i turns) as [real, imaginary]. */
function unitCircle(turns: number): [number, number] {
  const angle = 2 * Math.PI * turns
  return [Math.cos(angle), -Math.sin(angle)]
}

/** A matrix with few entries per row, as the kernels take it. */
export interface BandTable {
  /** int32 [nBands, 2]: first bin, number of bins. */
  readonly bands: Int32Array
  /** The weights of all bands, one band behind the other. */
  readonly weights: Float32Array
}

/**
 * Keeps of each row what lies between its first and its last non-zero weight; a row of zeros keeps nothing.
 * @param matrix row-major [nBands, nBins]
 */
export function bandTable(matrix: Float32Array, nBands: number, nBins: number): BandTable {
  const bands = new Int32Array(2 * nBands)
  const weights: number[] = []
  for (let band = 0; band < nBands; band++) {
    const row = matrix.subarray(band * nBins, (band + 1) * nBins)
    let first = 0
    while (first < nBins && row[first] === 0) first++
    let end = nBins
    while (end > first && row[end - 1] === 0) end--
    bands.set([first, end - first], 2 * band)
    weights.push(...row.subarray(first, end))
  }
  return { bands, weights: Float32Array.from(weights) }
}
