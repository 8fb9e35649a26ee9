/**
 * float32 [size], the periodic Hann window 0.5 - 0.5 cos(2 pi n / size), computed in double precision.
 * *Differs*: torch.hann_window rounds in float32, up to 2.1e-7 from it.
 */
export function hannWindow(size: number): Float32Array {
  return Float32Array.from({ length: size }, (_, n) => 0.5 - 0.5 * Math.cos((2 * Math.PI * n) / size))
}
