import { createHash } from 'node:crypto'
import { createReadStream, existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fixtureRoots } from '../../test/fixtures.js'
import { chunksOf, extensibleWav } from '../../test/sound-files.js'
import { HearError } from '../base/errors.js'
import { ByteReader } from './byte-reader.js'
import { type DecodeOptions, decodeMonoPcm, isForFfmpeg, type MonoPcm } from './decode-mono-pcm.js'
import { encodeWavPcm16 } from './encode-wav.js'
import { trimOrPad } from './trim-or-pad.js'

const decodeFile = (path: string, chunkBytes = 65536): Promise<MonoPcm> =>
  decodeMonoPcm(new ByteReader(createReadStream(path, { highWaterMark: chunkBytes })), { name: path })

const decodeBytes = (
  bytes: Uint8Array,
  options: Partial<DecodeOptions> = {},
  chunkBytes = 4096,
): Promise<MonoPcm> =>
  decodeMonoPcm(new ByteReader(chunksOf(bytes, chunkBytes)), { name: 'clip', ...options })

async function errorOf(decoding: Promise<MonoPcm>): Promise<HearError> {
  const error = await decoding.then(
    () => new Error('it was decoded'),
    (reason) => reason,
  )
  if (error instanceof HearError) return error
  throw error
}

/** Files of the folders `audio` that ffmpeg's mono samples lie beside, as `<file>.pcm` (16 bits, little endian). */
const recorded = fixtureRoots()
  .map((root) => join(root, 'audio'))
  .filter((folder) => existsSync(folder))
  .flatMap((folder) => readdirSync(folder).map((file) => ({ file, path: join(folder, file) })))
  .filter(({ file }) => file.endsWith('.pcm'))
  .map(({ file, path }) => ({ file: file.slice(0, -4), path: path.slice(0, -4) }))

/** A FLAC file of one frame that holds 192 samples of the same value as they are. */
function verbatimFlac(value: number): Uint8Array {
  const crc = (bytes: readonly number[], nBits: 8 | 16, polynomial: number) =>
    bytes.reduce((before, byte) => {
      let sum = before ^ (byte << (nBits - 8))
      for (let bit = 0; bit < 8; bit++)
        sum = (sum << 1) ^ (sum >> (nBits - 1) ? polynomial | (1 << nBits) : 0)
      return sum
    }, 0)
  const header = [0xff, 0xf8, 0x19, 0x08, 0x00]
  const samples = Array.from({ length: 192 }, () => [(value >> 8) & 0xff, value & 0xff]).flat()
  const frame = [...header, crc(header, 8, 0x07), 0x02, ...samples]
  const footer = crc(frame, 16, 0x8005)
  const info = Buffer.alloc(34)
  info.writeUInt16BE(192, 0)
  info.writeUInt16BE(192, 2)
  // 44100 Hz, one channel, 16 bits, 192 samples.
  info.set([0x0a, 0xc4, 0x40, 0xf0, 0, 0, 0, 192], 10)
  return Buffer.concat([
    Buffer.from('fLaC'),
    Buffer.of(0x80, 0, 0, 34),
    info,
    Buffer.from([...frame, footer >> 8, footer & 0xff]),
  ])
}

/** The lossy decoders round differently from ffmpeg's; everything else is exact. */
const toleranceOf = ({ format }: MonoPcm): number =>
  format.container === 'mp3' || format.codec === 'vorbis' ? 1 : format.codec === 'opus' ? 2 : 0

describe('files beside what ffmpeg makes of them', () => {
  it('are there, of every kind', async () => {
    const kinds = new Set<string>()
    for (const { path } of recorded) kinds.add((await decodeFile(path)).format.container)
    expect([...kinds].sort()).toEqual(['aiff', 'au', 'flac', 'mp3', 'ogg', 'w64', 'wav'])
  })

  it.each(recorded)('$file gives the same samples, whatever the size of the chunks', async ({ path }) => {
    const bytes = new Uint8Array(readFileSync(`${path}.pcm`))
    const expected = new Int16Array(bytes.buffer)
    for (const chunkBytes of [65536, 1000, 13]) {
      const decoded = await decodeFile(path, chunkBytes)
      expect(decoded.samples.length).toBe(expected.length)
      const worst = expected.reduce((max, value, i) => Math.max(max, Math.abs(value - decoded.samples[i])), 0)
      expect(worst).toBeLessThanOrEqual(toleranceOf(decoded))
      expect(decoded.warnings).toEqual([])
    }
  })

  it.each(recorded)(
    '$file, cut off or damaged anywhere, is decoded in part or refused by name',
    async ({ path }) => {
      const whole = readFileSync(path)
      const { samples, format } = await decodeFile(path)
      const isPcm = format.codec.startsWith('pcm')
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { maxLength: 3 }),
          fc.nat(whole.length),
          async (edits, length) => {
            const bytes = Buffer.from(whole)
            for (const [at, value] of edits) bytes[at] = value
            try {
              const decoded = await decodeBytes(bytes.subarray(0, length))
              expect(decoded.samples.length).toBeGreaterThan(0)
              // What is not damaged never gives more than the whole.
              if (isPcm) expect(decoded.samples.length).toBeLessThanOrEqual(length)
              else if (edits.length === 0) expect(decoded.samples.length).toBeLessThanOrEqual(samples.length)
            } catch (error) {
              expect(error).toBeInstanceOf(HearError)
              expect((error as HearError).message).toContain('"clip"')
            }
          },
        ),
        { numRuns: 60, seed: 1 },
      )
    },
  )
})

interface AudioCase {
  id: string
  op: string
  input: { file: string; n_samples: number }
  args: { duration?: number }
  expected: { value?: { sample_rate: number; n_samples: number; sha256_pcm_s16le: string }; error?: unknown }
}

/** Cases of audio_ops from every fixture folder, with the folder that their files lie in. */
const cases = fixtureRoots()
  .map((root) => join(root, 'prepare/audio_ops'))
  .filter((folder) => existsSync(join(folder, 'cases.json')))
  .flatMap((folder) =>
    (JSON.parse(readFileSync(join(folder, 'cases.json'), 'utf8')).cases as AudioCase[]).map((one) => ({
      ...one,
      path: join(folder, one.input.file),
    })),
  )

const hashOf = (samples: Int16Array): string =>
  createHash('sha256')
    .update(new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength))
    .digest('hex')

describe.skipIf(cases.length === 0)(
  'what hear-preprocess made (skipped unless HEAR_TEST_FIXTURES has prepare/audio_ops)',
  () => {
    const mono = cases.filter(({ op }) => op === 'mono_wav')
    const trims = cases.filter(({ op }) => op === 'trim_pad_wav')

    it('is there', () => {
      expect(mono.length).toBeGreaterThan(10)
      expect(trims.length).toBeGreaterThan(5)
    })

    it.each(mono)('$id: mono is the same bit for bit', async ({ path, expected: { value } }) => {
      const { sampleRate, samples, warnings } = await decodeFile(path)
      expect([sampleRate, samples.length, hashOf(samples)]).toEqual([
        value!.sample_rate,
        value!.n_samples,
        value!.sha256_pcm_s16le,
      ])
      expect(warnings).toEqual([])
    })

    it.each(trims)('$id: trimmed or padded bit for bit, and better where it failed', async (one) => {
      const { path, input, args, expected } = one
      if (input.n_samples === 0) {
        expect((await errorOf(decodeFile(path))).code).toBe('audio/no-samples')
        return
      }
      const { sampleRate, samples } = await decodeFile(path)
      const trimmed = trimOrPad(samples, sampleRate, args.duration!)
      if (expected.value !== undefined)
        expect([trimmed.length, hashOf(trimmed)]).toEqual([
          expected.value.n_samples,
          expected.value.sha256_pcm_s16le,
        ])
      else expect(Math.abs(trimmed.length - args.duration! * sampleRate)).toBeLessThanOrEqual(0.5)
    })
  },
)

describe('decodeMonoPcm', () => {
  /** 20 minutes of stereo 24-bit sound at 48 kHz, 345.6 MB, of which only one chunk ever exists. */
  function longFile(): AsyncIterable<Uint8Array> & { nRead: number } {
    const dataBytes = 1200 * 48000 * 6
    const header = extensibleWav(new Uint8Array(0), {
      tag: 1,
      bits: 24,
      channels: 2,
      mask: 3,
      sampleRate: 48000,
    })
    header.writeUInt32LE(dataBytes, header.length - 4)
    const chunk = new Uint8Array(65536).fill(7)
    const file = {
      nRead: 0,
      async *[Symbol.asyncIterator]() {
        yield header
        for (let left = dataBytes; left > 0; left -= chunk.length) {
          const bytes = chunk.subarray(0, Math.min(left, chunk.length))
          file.nRead += bytes.length
          yield bytes
        }
      },
    }
    return file
  }

  it('reads no more of a long file than it was asked for', async () => {
    const file = longFile()
    const { samples } = await decodeMonoPcm(new ByteReader(file), { name: 'long.wav', maxDurationSec: 30 })
    expect(samples.length).toBe(30 * 48000)
    expect(file.nRead).toBeLessThanOrEqual(30 * 48000 * 6 + 65536)
    expect(samples.buffer.byteLength).toBe(samples.byteLength)
  })

  it('decodes a long file from one chunk at a time into an array of its own size', async () => {
    const { samples, format } = await decodeMonoPcm(new ByteReader(longFile()), { name: 'long.wav' })
    expect(samples.length).toBe(1200 * 48000)
    expect(samples.buffer.byteLength).toBe(samples.byteLength)
    expect(format).toEqual({ container: 'wav', codec: 'pcm_s24le', channels: 2, nFrames: 1200 * 48000 })
  })

  it('stops when it is told to', async () => {
    const stop = new AbortController()
    stop.abort(new Error('enough'))
    const decoding = decodeMonoPcm(new ByteReader(longFile()), { name: 'long.wav', signal: stop.signal })
    await expect(decoding).rejects.toThrow('enough')
  })

  it('does not trust a header with memory that its file does not fill', async () => {
    const wav = extensibleWav(new Uint8Array(200), {
      tag: 1,
      bits: 16,
      channels: 1,
      mask: 4,
      sampleRate: 8000,
    })
    wav.writeUInt32LE(0x7fff0000, 64)
    const { samples, warnings } = await decodeBytes(wav)
    expect(samples.length).toBe(100)
    expect(warnings).toEqual([
      '"clip" is cut off: its header promises 2147418112 bytes of samples, the file holds 200.',
    ])
  })

  it('leaves out half a sample at the end of a file, and says so', async () => {
    const wav = extensibleWav(new Uint8Array(11), {
      tag: 1,
      bits: 16,
      channels: 2,
      mask: 3,
      sampleRate: 8000,
    })
    const { samples, warnings } = await decodeBytes(wav)
    expect(samples.length).toBe(2)
    expect(warnings).toEqual(['"clip" ends within a sample: 3 of its 4 bytes are left out.'])
  })

  it('tells a file without samples from one whose size was never filled in', async () => {
    const wav = Buffer.from(encodeWavPcm16(Float32Array.of(0.5, 0.25), 8000))
    wav.writeUInt32LE(0, 40)
    expect([...(await decodeBytes(wav)).samples]).toEqual([16384, 8192])
    const tagged = Buffer.concat([wav.subarray(0, 44), Buffer.from('LIST\x04\0\0\0INFO', 'latin1')])
    expect((await errorOf(decodeBytes(tagged))).code).toBe('audio/no-samples')
  })

  it('passes over pictures in FLAC files', async () => {
    const { path } = recorded.find(({ file }) => file === 'stereo16.flac')!
    const flac = readFileSync(path)
    const picture = Buffer.concat([Buffer.from([6, 0x40, 0, 0]), Buffer.alloc(0x400000, 0xff)])
    const header = Buffer.from(flac.subarray(0, 42))
    header[4] &= 0x7f
    const withPicture = await decodeBytes(Buffer.concat([header, picture, flac.subarray(42)]))
    expect(withPicture.samples).toEqual((await decodeFile(path)).samples)
  })

  it.each([0x01ff, 0x7fff, -1, -8, 0x00f8, 0x12ff, 0])(
    'finds the end of the last FLAC frame, be it of samples that are all %i',
    async (value) => {
      for (const chunkBytes of [4096, 1]) {
        const { samples } = await decodeBytes(verbatimFlac(value), {}, chunkBytes)
        expect([...samples]).toEqual(Array(192).fill(value))
      }
    },
  )

  it('leaves every byte of a file that ffmpeg has to decode in the reader', async () => {
    const m4a = Buffer.from('\0\0\0\x1cftypM4A and the rest of it', 'latin1')
    const reader = new ByteReader(chunksOf(m4a, 7))
    const error = await errorOf(decodeMonoPcm(reader, { name: 'song.m4a' }))
    expect(isForFfmpeg(error)).toBe(true)
    expect(Buffer.from(await reader.take(1000))).toEqual(m4a)
  })

  it('says in a sentence what is wrong and what to do', async () => {
    const floats = (...values: number[]) =>
      extensibleWav(new Uint8Array(Float32Array.from(values).buffer), {
        tag: 3,
        bits: 32,
        channels: 2,
        mask: 3,
        sampleRate: 8000,
      })
    const golden = recorded.find(({ file }) => file === 'stereo16.flac')!.path
    const flac = readFileSync(golden)
    const ogg = readFileSync(golden.replace('stereo16.flac', 'stereo.ogg'))
    const flipped = Buffer.from(ogg)
    flipped[4000] ^= 1
    const sentences = await Promise.all(
      [
        floats(0, 0, 0, Number.NaN),
        floats(0, Number.NEGATIVE_INFINITY),
        floats(),
        flac.subarray(0, 9000),
        flac.subarray(0, 20),
        ogg.subarray(0, 4500),
        flipped,
        Buffer.concat([ogg, ogg]),
        Buffer.from('ID3\x04\0\0\0\0\0\x05 and then no sound', 'latin1'),
        Buffer.from('\x1a\x45\xdf\xa3 matroska', 'latin1'),
        Buffer.from('<!doctype html><title>404</title>'),
        Buffer.from('PK\x03\x04', 'latin1'),
        new Uint8Array(0),
        extensibleWav(new Uint8Array(90), { tag: 1, bits: 16, channels: 9, mask: 0, sampleRate: 8000 }),
        extensibleWav(new Uint8Array(90), { tag: 1, bits: 16, channels: 3, mask: 0x15, sampleRate: 8000 }),
      ].map(async (bytes) => {
        const { code, message, hint } = await errorOf(decodeBytes(bytes))
        return `${code}: ${message} ${hint}`
      }),
    )
    expect(sentences).toMatchInlineSnapshot(`
      [
        "audio/not-finite: "clip" holds NaN at sample 1 of channel 2 (0.1 ms); audio must be finite. Write the file again with sound samples in their place, or leave it out of the task.",
        "audio/not-finite: "clip" holds -Infinity at sample 0 of channel 2 (0.0 ms); audio must be finite. Write the file again with sound samples in their place, or leave it out of the task.",
        "audio/no-samples: "clip" is a wav file without samples. Leave it out of the task, or replace it by a recording that has sound.",
        "audio/damaged: "clip" is damaged: its header promises 2646 samples, 0 could be decoded. Fetch the file again; if that is all there is, ffmpeg -i writes what it can read as a new file.",
        "audio/damaged: "clip" is damaged: it ends within its header. Fetch the file again; if that is all there is, ffmpeg -i writes what it can read as a new file.",
        "audio/damaged: "clip" is damaged: it is cut off within the Ogg page at byte 3661. Fetch the file again; if that is all there is, ffmpeg -i writes what it can read as a new file.",
        "audio/damaged: "clip" is damaged: the checksum of the Ogg page at byte 3661 is wrong. Fetch the file again; if that is all there is, ffmpeg -i writes what it can read as a new file.",
        "audio/chained-ogg: "clip" is several Ogg files one after the other; expected one. Join them: ffmpeg -i "clip" -c:a pcm_s16le out.wav",
        "audio/unsupported-encoding: "clip" is of the kind of an MP3 file by its first bytes, but without MPEG frames, which is not decoded here. Convert it: ffmpeg -i "clip" -c:a pcm_s16le out.wav",
        "audio/unsupported-encoding: "clip" is a WebM or Matroska file, which is not decoded here. Convert it: ffmpeg -i "clip" -c:a pcm_s16le out.wav",
        "audio/not-audio: "clip" is not a sound file; it is an HTML page, perhaps the message of a failed download. Fetch the file again, or leave it out of the task.",
        "audio/not-audio: "clip" is not a sound file; it is a zip archive. Fetch the file again, or leave it out of the task.",
        "audio/not-audio: "clip" is not a sound file; it is empty (0 bytes). Fetch the file again, or leave it out of the task.",
        "audio/unknown-layout: "clip" has 9 channels without a layout of speakers; expected mono, stereo or surround sound. Choose the channels yourself, e.g. the first: ffmpeg -i "clip" -af pan=mono|c0=c0 -c:a pcm_s16le out.wav",
        "audio/unknown-layout: "clip" has channels for the speakers 0x15, a layout without a mix to mono; expected mono, stereo or surround sound. Choose the channels yourself, e.g. the first: ffmpeg -i "clip" -af pan=mono|c0=c0 -c:a pcm_s16le out.wav",
      ]
    `)
  })
})
