/**
 * Exports of assembly/spectrum.ts. Addresses in bytes, 16-byte aligned; tables from spectrum-tables.ts.
 * `work` holds SPECTRUM_WORK_FLOATS floats, `power` 4 * 2049: four frames side by side, lane = frame.
 */
export interface SpectrumKernels {
  /** Windows four frames of 4096 floats, one behind the other, into `work`. */
  windowFour(frames: number, window: number, work: number): void
  /** The complex transform of `work`, in place. */
  transformFour(work: number, twiddles: number): void
  /** power[k] = |X[k]|^2, k = 0 .. 2048, X the transform of the real frames. */
  powerFour(work: number, places: number, turns: number, power: number): void
  /** rows[frame][band] = log(floor + weights . power) into four rows of nBands floats; nBands a multiple of 4. */
  logBandsFour(
    power: number,
    bands: number,
    weights: number,
    nBands: number,
    floor: number,
    rows: number,
  ): void
  /** out[i] = log x[i]; count a multiple of 4; x normal and positive, NaN where it is not finite. */
  logarithms(x: number, out: number, count: number): void
}
