import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { encodeWavPcm16, wavHeader } from './encode-wav.js'

/** The integers of the data chunk, read with nothing but the format's own layout. */
function pcmOf(bytes: Uint8Array): number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return Array.from({ length: view.getUint32(40, true) / 2 }, (_, i) => view.getInt16(44 + 2 * i, true))
}

describe('a 16-bit wav file', () => {
  it('has the header that Python writes with its wave module', () => {
    // wave.open(f, 'wb'), 1 channel, 2 bytes, 22050 Hz, frames of struct.pack('<4h', 0, 16384, -32768, 32767)
    const expected =
      '524946462c00000057415645666d742010000000010001002256000044ac0000020010006461746108000000' +
      '000000400080ff7f'
    const bytes = encodeWavPcm16(Float32Array.of(0, 0.5, -1, 1), 22050)
    expect(Buffer.from(bytes).toString('hex')).toBe(expected)
  })

  it('begins with the header alone, whose samples may be written after it', () => {
    const pcm = Int16Array.of(0, 16384, -32768, 32767, -1)
    const whole = encodeWavPcm16(
      Float32Array.from(pcm, (x) => x / 32768),
      48000,
    )
    expect(Buffer.concat([wavHeader(pcm.length, 48000), new Uint8Array(pcm.buffer)])).toEqual(
      Buffer.from(whole),
    )
    expect(() => wavHeader(5, 44100.5)).toThrow('whole sample rate')
  })

  it('is only a header when there are no samples', () => {
    const bytes = encodeWavPcm16(new Float32Array(0), 16000)
    expect(bytes.length).toBe(44)
    expect(pcmOf(bytes)).toEqual([])
  })

  it('rounds halves to the even integer and clamps what is beyond full scale', () => {
    const halves = [0.5, 1.5, 2.5, -0.5, -1.5, -2.5, 1.25, -1.75].map((x) => x / 32768)
    const bytes = encodeWavPcm16(Float32Array.from([...halves, 1, 1.5, -1, -1.5]), 44100)
    expect(pcmOf(bytes)).toEqual([0, 2, 2, 0, -2, -2, 1, -2, 32767, 32767, -32768, -32768])
  })

  it('gives back every 16-bit integer unchanged', () => {
    const integers = Array.from({ length: 65536 }, (_, i) => i - 32768)
    expect(
      pcmOf(
        encodeWavPcm16(
          Float32Array.from(integers, (i) => i / 32768),
          48000,
        ),
      ),
    ).toEqual(integers)
  })

  it('stays within half a step of any sample inside full scale', () => {
    fc.assert(
      fc.property(fc.array(fc.float({ min: -1, max: Math.fround(0.9999), noNaN: true })), (samples) => {
        const pcm = pcmOf(encodeWavPcm16(Float32Array.from(samples), 32000))
        return (
          pcm.length === samples.length &&
          pcm.every((p, i) => Math.abs(p / 32768 - samples[i]) <= 0.5 / 32768)
        )
      }),
      { seed: 1 },
    )
  })
})

describe('what cannot be a wav file', () => {
  it('names the first sample that is not finite', () => {
    const samples = Float32Array.of(0, 0.1, Number.NaN, Number.POSITIVE_INFINITY)
    expect(() => encodeWavPcm16(samples, 16000)).toThrowErrorMatchingInlineSnapshot(
      `[HearError: Samples of a wav file must be finite; sample 2 of 4 is NaN.]`,
    )
  })

  it('refuses a sample rate that is not a whole number of Hz', () => {
    expect(() => encodeWavPcm16(new Float32Array(1), 44.1)).toThrowErrorMatchingInlineSnapshot(
      `[HearError: A wav file needs a whole sample rate in Hz between 1 and 2147483647; found 44.1.]`,
    )
    expect(() => encodeWavPcm16(new Float32Array(1), 0)).toThrowErrorMatchingInlineSnapshot(
      `[HearError: A wav file needs a whole sample rate in Hz between 1 and 2147483647; found 0.]`,
    )
  })
})
