import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { HearError } from '../base/errors.js'
import { decodeWav } from './decode-wav.js'
import { identifyFile } from './identify-file.js'

const chunk = (id: string, body: Uint8Array, size = body.length): Buffer => {
  const header = Buffer.alloc(8)
  header.write(id, 'latin1')
  header.writeUInt32LE(size, 4)
  return Buffer.concat([header, body, Buffer.alloc(body.length % 2)])
}

function formatChunk(tag: number, channels: number, bits: number, rate = 8000): Buffer {
  const body = Buffer.alloc(16)
  body.writeUInt16LE(tag, 0)
  body.writeUInt16LE(channels, 2)
  body.writeUInt32LE(rate, 4)
  body.writeUInt32LE((rate * channels * bits) / 8, 8)
  body.writeUInt16LE((channels * bits) / 8, 12)
  body.writeUInt16LE(bits, 14)
  return chunk('fmt ', body)
}

function wav(...chunks: Uint8Array[]): Buffer {
  const body = Buffer.concat([Buffer.from('WAVE'), ...chunks])
  return chunk('RIFF', body).subarray(0, 8 + body.length)
}

const bytesOf = (array: ArrayBufferView): Uint8Array =>
  new Uint8Array(array.buffer, array.byteOffset, array.byteLength)

const pcm16 = (samples: number[], channels = 1) =>
  wav(formatChunk(1, channels, 16), chunk('data', bytesOf(Int16Array.from(samples))))

function errorOf(bytes: Uint8Array, name = 'clip.wav'): HearError {
  try {
    decodeWav(bytes, name)
  } catch (error) {
    if (error instanceof HearError) return error
    throw error
  }
  throw new Error('it was decoded')
}

describe('decodeWav', () => {
  it('turns 16-bit integers into x / 32768, exactly', () => {
    const { sampleRate, channels, samples } = decodeWav(pcm16([0, 1, -1, 32767, -32768]), 'clip.wav')
    expect([sampleRate, channels]).toEqual([8000, 1])
    expect([...samples]).toEqual([0, 1 / 32768, -1 / 32768, 32767 / 32768, -1])
  })

  it.each([
    ['8-bit unsigned', 1, 8, Uint8Array.of(128, 255, 0), [0, 127 / 128, -1]],
    [
      '24-bit',
      1,
      24,
      Uint8Array.of(0, 0, 0x80, 0xff, 0xff, 0x7f, 0xff, 0xff, 0xff),
      [-1, 1 - 2 ** -23, -(2 ** -23)],
    ],
    ['32-bit', 1, 32, bytesOf(Int32Array.of(-(2 ** 31), 2 ** 30, -1)), [-1, 0.5, -(2 ** -31)]],
    ['float', 3, 32, bytesOf(Float32Array.of(1.5, -0.25, 0)), [1.5, -0.25, 0]],
    ['double', 3, 64, bytesOf(Float64Array.of(1.5, -0.25, 2 ** -30)), [1.5, -0.25, 2 ** -30]],
    // ITU-T G.711: the codes of the largest values, of the smallest, and of one in between.
    ['mu-law', 7, 8, Uint8Array.of(0x80, 0x00, 0xff, 0xdb), [32124 / 32768, -32124 / 32768, 0, 524 / 32768]],
    [
      'A-law',
      6,
      8,
      Uint8Array.of(0xaa, 0x2a, 0xd5, 0x55),
      [32256 / 32768, -32256 / 32768, 8 / 32768, -8 / 32768],
    ],
  ])('decodes %s samples', (_, tag, bits, data, expected) => {
    const { samples } = decodeWav(wav(formatChunk(tag, 1, bits), chunk('data', data)), 'clip.wav')
    expect([...samples]).toEqual(expected)
  })

  it('decodes the same from any byte offset in a larger buffer', () => {
    const file = wav(formatChunk(3, 1, 64), chunk('data', bytesOf(Float64Array.of(0.5, -0.75))))
    for (let shift = 0; shift < 8; shift++) {
      const larger = Buffer.concat([Buffer.alloc(shift), file])
      expect([...decodeWav(larger.subarray(shift), 'clip.wav').samples]).toEqual([0.5, -0.75])
    }
  })

  it('mixes channels down to their mean, whatever the encoding', () => {
    expect([...decodeWav(pcm16([32767, -32767, 100, 300], 2), 'clip.wav').samples]).toEqual([0, 200 / 32768])
    const float = wav(formatChunk(3, 3, 32), chunk('data', bytesOf(Float32Array.of(1, 2, 3))))
    expect([...decodeWav(float, 'clip.wav').samples]).toEqual([2])
  })

  it('finds the data behind other chunks, of odd length, padded or not', () => {
    const format = formatChunk(1, 1, 16)
    const data = chunk('data', bytesOf(Int16Array.of(1, 2)))
    const odd = chunk('LIST', Buffer.from('abc'))
    for (const file of [
      wav(odd, format, odd, data),
      wav(odd.subarray(0, -1), format, odd.subarray(0, -1), data),
      wav(format, data, odd, Buffer.from('garbage')),
    ])
      expect([...decodeWav(file, 'clip.wav').samples]).toEqual([1 / 32768, 2 / 32768])
  })

  it('takes the rest of the file when a data size was never filled in, and drops half a sample', () => {
    const data = Buffer.from([1, 0, 2, 0, 3])
    for (const size of [0, 0xffffffff, 0x7ffff000]) {
      const file = wav(formatChunk(1, 1, 16), chunk('data', data, size).subarray(0, 8 + 5))
      expect([...decodeWav(file, 'clip.wav').samples]).toEqual([1 / 32768, 2 / 32768])
    }
  })

  it('does not take the chunks after an empty data chunk for samples', () => {
    const file = wav(
      formatChunk(1, 1, 16),
      chunk('data', Buffer.alloc(0)),
      chunk('LIST', Buffer.from('INFOabcd')),
    )
    expect(errorOf(file).code).toBe('audio/no-samples')
  })

  it('says in a sentence what is wrong and what to do', () => {
    const sentences = [
      errorOf(Buffer.alloc(0)),
      errorOf(Buffer.from('<!DOCTYPE html><title>404</title>')),
      errorOf(Buffer.from('fLaC1234')),
      errorOf(wav()),
      errorOf(wav(formatChunk(1, 1, 16).subarray(0, 12))),
      errorOf(wav(formatChunk(1, 1, 16))),
      errorOf(wav(formatChunk(1, 1, 16), chunk('data', Buffer.alloc(10), 20))),
      errorOf(wav(formatChunk(17, 1, 4), chunk('data', Buffer.alloc(10)))),
      errorOf(wav(formatChunk(1, 1, 64), chunk('data', Buffer.alloc(16)))),
      errorOf(wav(formatChunk(1, 0, 16), chunk('data', Buffer.alloc(16)))),
      errorOf(pcm16([])),
      errorOf(wav(formatChunk(3, 2, 32), chunk('data', bytesOf(Float32Array.of(0, 0, 0, Number.NaN))))),
      errorOf(wav(formatChunk(3, 1, 64), chunk('data', bytesOf(Float64Array.of(0, 1e300))))),
    ].map(({ code, message, hint }) => `${code}: ${message} ${hint}`)
    expect(sentences).toMatchInlineSnapshot(`
      [
        "audio/not-wav: "clip.wav" is not a wav file; it is empty (0 bytes). Fetch the file again.",
        "audio/not-wav: "clip.wav" is not a wav file; it is an HTML page, perhaps the message of a failed download. Fetch the file again.",
        "audio/not-wav: "clip.wav" is not a wav file; it is a FLAC file. Give it the name ending of its kind, or convert it: ffmpeg -i "clip.wav" -c:a pcm_s16le out.wav",
        "audio/truncated: "clip.wav" is a damaged wav file: it ends within its header. Fetch or write the file again.",
        "audio/truncated: "clip.wav" is a damaged wav file: its chunk "fmt " of 16 bytes is cut off. Fetch or write the file again.",
        "audio/truncated: "clip.wav" is a damaged wav file: it has no "data" chunk. Fetch or write the file again.",
        "audio/truncated: "clip.wav" is cut off: its header promises 20 bytes of samples, the file holds 10. Fetch or write the file again; if that is all there is, ffmpeg -i writes what remains as a whole file.",
        "audio/unsupported-encoding: "clip.wav" holds IMA ADPCM; wav files are read with integer (8, 16, 24, 32 bits), float (32, 64 bits), mu-law or A-law samples. Convert it: ffmpeg -i "clip.wav" -c:a pcm_s16le out.wav",
        "audio/unsupported-encoding: "clip.wav" holds 64-bit integer samples; wav files are read with integer (8, 16, 24, 32 bits), float (32, 64 bits), mu-law or A-law samples. Convert it: ffmpeg -i "clip.wav" -c:a pcm_s16le out.wav",
        "audio/bad-wav-header: "clip.wav": the wav header contradicts itself: 0 channels of 16 bits at 8000 Hz in frames of 0 bytes. Convert it: ffmpeg -i "clip.wav" -c:a pcm_s16le out.wav",
        "audio/no-samples: "clip.wav" is a wav file without samples. Leave it out of the task, or replace it by a recording that has sound.",
        "audio/not-finite: "clip.wav" holds NaN at sample 1 of channel 2 (0.1 ms); audio must be finite. Write the file again with sound samples in their place, or leave it out of the task.",
        "audio/not-finite: "clip.wav" holds 1e+300 at sample 1 (0.1 ms); audio must be finite. Write the file again with sound samples in their place, or leave it out of the task.",
      ]
    `)
  })

  it('decodes or refuses any bytes, and never makes more samples than there are bytes', () => {
    const start = pcm16([1, 2, 3, 4])
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(start.length - 1), fc.nat(255)), { maxLength: 8 }),
        fc.nat(start.length),
        (edits, length) => {
          const bytes = Buffer.from(start)
          for (const [at, value] of edits) bytes[at] = value
          try {
            const { samples } = decodeWav(bytes.subarray(0, length), 'clip.wav')
            expect(samples.length).toBeGreaterThan(0)
            expect(samples.length).toBeLessThanOrEqual(length)
            expect(samples.every(Number.isFinite)).toBe(true)
          } catch (error) {
            expect(error).toBeInstanceOf(HearError)
            expect((error as HearError).message).toContain('"clip.wav"')
          }
        },
      ),
      { numRuns: 2000 },
    )
  })
})

const nasty = join(process.env.HEAR_TEST_DATA ?? '', 'data/nasty')

describe.skipIf(process.env.HEAR_TEST_DATA === undefined)(
  'the difficult files (skipped unless HEAR_TEST_DATA names the folder above data/nasty)',
  () => {
    const rows = process.env.HEAR_TEST_DATA === undefined ? [] : expectations()
    const reference = () => decodeWav(readFileSync(join(nasty, 'pcm16_reference.wav')), 'reference').samples

    it('are there', () => {
      expect(rows.length).toBeGreaterThan(40)
    })

    it.each(rows)('$file ($what): $expected', ({ file, expected }) => {
      const bytes = readFileSync(join(nasty, file))
      const isWav = identifyFile(bytes).kind === 'wav'
      if (!isWav || /^(error|reject|clear error)/.test(expected)) {
        expect(errorOf(bytes, file).message).toContain(`"${file}"`)
        return
      }
      if (/or (clear )?("")?.*error|or error/.test(expected) && !canDecode(bytes, file)) {
        expect(errorOf(bytes, file).code).toMatch(/^audio\/(truncated|unsupported-encoding)$/)
        return
      }
      const { samples, sampleRate } = decodeWav(bytes, file)
      expect(samples.every(Number.isFinite)).toBe(true)
      if (expected.includes('0.5 s') && !expected.includes('0.25 s'))
        expect(Math.abs(samples.length / sampleRate - 0.5)).toBeLessThan(1e-4)
      if (!expected.includes('pcm16_reference.wav')) return
      // 8 bits lie within one step of 2^-7; G.711 within 5 % of the largest amplitude; the rest within 2^-15.
      const tolerance = expected.includes('2^-7') ? 2 ** -7 : expected.includes('5 %') ? 0.05 : 2 ** -15
      const worst = reference().reduce((max, value, i) => Math.max(max, Math.abs(value - samples[i])), 0)
      expect(worst).toBeLessThanOrEqual(tolerance)
    })
  },
)

function canDecode(bytes: Uint8Array, name: string): boolean {
  try {
    return decodeWav(bytes, name).samples.length > 0
  } catch {
    return false
  }
}

/** Rows of EXPECTED.csv whose file is in the folder; fields may be quoted. */
function expectations(): { file: string; what: string; expected: string }[] {
  const table = readFileSync(join(nasty, 'EXPECTED.csv'), 'utf8').replaceAll('\r', '')
  const fields = [...table.matchAll(/("(?:[^"]|"")*"|[^,\n]*)(,|\n|$)/g)].map(([, field]) =>
    field.startsWith('"') ? field.slice(1, -1).replaceAll('""', '"') : field,
  )
  const rows: { file: string; what: string; expected: string }[] = []
  for (let i = 3; i + 2 < fields.length; i += 3) {
    const [file, what, expected] = fields.slice(i, i + 3)
    if (/\.\w{3,4}$|^no_extension$/.test(file) && file !== 'make_long.sh' && existsSync(join(nasty, file)))
      rows.push({ file, what, expected })
  }
  // Whoever runs as root may read this one, and then it is a good file.
  return rows.filter(({ file }) => file !== 'unreadable.wav')
}
