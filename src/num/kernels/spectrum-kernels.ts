/** Exports of assembly/spectrum.ts. */
// biome-ignore lint/suspicious/noEmptyInterface: filled with the baseline's kernels
export interface SpectrumKernels {}
