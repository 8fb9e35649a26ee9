/** Exports of assembly/gemm.ts. Addresses in bytes. */
export interface GemmKernels {
  /** C[m, n] = A[m, k] . B ([k, n], or [n, k] when transB is 1); scratch holds WASM_GEMM_SCRATCH floats. */
  sgemm(
    transB: number,
    m: number,
    n: number,
    k: number,
    a: number,
    b: number,
    c: number,
    scratch: number,
  ): void
  /** 1 when the module was built with fused multiply-add (relaxed SIMD), else 0. */
  fusedMultiplyAdd(): number
}
