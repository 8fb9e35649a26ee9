/**
 * The 16-bit number that each of the 256 mu-law bytes stands for.
 * Source: ITU-T G.711 (1988), table 2: sign, 3 bits of segment, 4 bits of step, all inverted; bias 33.
 */
export function muLawTable(): Int16Array {
  return Int16Array.from({ length: 256 }, (_, code) => {
    const inverted = ~code & 0xff
    const segment = (inverted >> 4) & 7
    const magnitude = (((2 * (inverted & 15) + 33) << segment) - 33) * 4
    return inverted & 0x80 ? -magnitude : magnitude
  })
}

/**
 * The 16-bit number that each of the 256 A-law bytes stands for.
 * Source: ITU-T G.711 (1988), table 1: even bits inverted, sign set for positive values, no bias in segment 0.
 */
export function aLawTable(): Int16Array {
  return Int16Array.from({ length: 256 }, (_, code) => {
    const plain = code ^ 0x55
    const segment = (plain >> 4) & 7
    const step = 2 * (plain & 15) + 1
    const magnitude = (segment === 0 ? step : (step + 32) << (segment - 1)) * 8
    return plain & 0x80 ? magnitude : -magnitude
  })
}
