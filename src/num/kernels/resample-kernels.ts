/** Exports of assembly/resample.ts, where the layouts are described. Addresses in bytes. */
export interface ResampleKernels {
  resamplePeriods(
    input: number,
    table: number,
    starts: number,
    rows: number,
    taps: number,
    stepIn: number,
    nPeriods: number,
    base: number,
    divisor: number,
    output: number,
  ): void
  resampleBetween(
    input: number,
    table: number,
    nPhases: number,
    taps: number,
    count: number,
    rest: number,
    num: number,
    den: number,
    base: number,
    divisor: number,
    output: number,
  ): void
}
