import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { chunksOf, extensibleWav, hasFfmpeg } from '../../test/sound-files.js'
import { Random } from '../num/random.js'
import { ByteReader } from './byte-reader.js'
import { decodeMonoPcm } from './decode-mono-pcm.js'
import { mixToMono } from './mix-to-mono.js'
import { monoWeights } from './speakers.js'

const channelsOf = (mask: number): number => mask.toString(2).replaceAll('0', '').length

/** Numbers of channels without a layout, then layouts: a front speaker, and both or none of each pair. */
const LAYOUTS = [
  ...[1, 2, 3, 4, 5, 6, 7, 8].map((channels) => ({ channels, mask: 0 })),
  ...[0x3, 0x104, 0x7, 0xb, 0x33, 0x107, 0x603, 0x37, 0x607, 0x3f, 0x60f, 0x70f, 0x137, 0x63f, 0xff, 0x637],
  // With speakers that take no part (above the head).
  ...[0x503f, 0x2d63f, 0x803],
].map((layout) => (typeof layout === 'number' ? { channels: channelsOf(layout), mask: layout } : layout))

/** Any bytes as integers; floats up to 0.9. */
function randomData(tag: number, bits: number, nSamples: number, seed: string): Uint8Array {
  const random = new Random(seed)
  if (tag === 1) return Uint8Array.from({ length: (nSamples * bits) / 8 }, () => random.int(256))
  const numbers = Array.from({ length: nSamples }, () => 1.8 * random.uniform() - 0.9)
  return new Uint8Array((bits === 32 ? Float32Array : Float64Array).from(numbers).buffer)
}

/** What one run of ffmpeg makes of each file. */
function byFfmpeg(wavs: readonly Buffer[]): Int16Array[] {
  const dir = mkdtempSync(join(tmpdir(), 'hear-mix-'))
  try {
    const inputs = wavs.flatMap((wav, i) => {
      writeFileSync(join(dir, `${i}.wav`), wav)
      return ['-i', join(dir, `${i}.wav`)]
    })
    const toMono = ['-ac', '1', '-c:a', 'pcm_s16le', '-f', 's16le']
    const outputs = wavs.flatMap((_, i) => ['-map', `${i}:a`, ...toMono, join(dir, `${i}.pcm`)])
    const { status, stderr } = spawnSync('ffmpeg', ['-v', 'error', ...inputs, ...outputs])
    if (status !== 0) throw new Error(stderr.toString())
    return wavs.map((_, i) => new Int16Array(new Uint8Array(readFileSync(join(dir, `${i}.pcm`))).buffer))
  } finally {
    rmSync(dir, { recursive: true })
  }
}

describe.skipIf(!hasFfmpeg)('the mix to mono beside ffmpeg (skipped without ffmpeg)', () => {
  it.each([
    ['8-bit', 1, 8],
    ['16-bit', 1, 16],
    ['24-bit', 1, 24],
    ['32-bit', 1, 32],
    ['float', 3, 32],
    ['double', 3, 64],
  ])(
    'is the same bit for bit for %s samples of any layout',
    async (_, tag, bits) => {
      const wavs = LAYOUTS.map(({ channels, mask }) => {
        const data = randomData(tag, bits, 500 * channels, `${channels} ${mask} ${bits}`)
        return extensibleWav(data, { tag, bits, channels, mask, sampleRate: 44100 })
      })
      const theirs = byFfmpeg(wavs)
      for (const [i, wav] of wavs.entries()) {
        const ours = await decodeMonoPcm(new ByteReader(chunksOf(wav, 1000)), { name: 'random.wav' })
        expect({ ...LAYOUTS[i], samples: [...ours.samples] }).toEqual({
          ...LAYOUTS[i],
          samples: [...theirs[i]],
        })
      }
    },
    30_000,
  )
})

describe('mixToMono', () => {
  const stereo = monoWeights(2, 0, 'clip')

  it('rounds the mean of two integers up, and of floats to even', () => {
    expect([...mixToMono(Int16Array.of(0, 1, -1, 0, 3, 4), stereo)]).toEqual([1, 0, 4])
    const halves = Float32Array.of(0.5, 1.5, 2.5, -0.5, -1.5).map((value) => value / 32768)
    expect([...mixToMono(halves, monoWeights(1, 0, 'clip'))]).toEqual([0, 2, 2, 0, -2])
  })

  it('clamps what is too loud, also where all channels are at full scale', () => {
    expect([...mixToMono(Float64Array.of(1.6, -1.6, 1e300), monoWeights(1, 0, 'clip'))]).toEqual([
      32767, -32768, 32767,
    ])
    for (let channels = 2; channels <= 8; channels++) {
      const loud = new Int16Array(channels).fill(32767)
      const weights = monoWeights(channels, 0, 'clip')
      expect([...mixToMono(loud, weights)]).toEqual([32767])
      expect([...mixToMono(loud.fill(-32768), weights)]).toEqual([-32768])
    }
  })

  it('weighs speakers as swresample does, without the subwoofer', () => {
    const inUnits = (channels: number) =>
      [...monoWeights(channels, 0, 'clip')].map((w) => Math.round(w * 32768))
    expect(inUnits(3)).toEqual([16384, 16384, 0])
    expect(inUnits(4)).toEqual([7951, 7951, 11244, 5622])
    expect(inUnits(6)).toEqual([6786, 6786, 9598, 0, 4799, 4799])
  })

  it('refuses layouts that have no mix', () => {
    expect(() => monoWeights(9, 0, 'clip')).toThrow('"clip" has 9 channels without a layout of speakers')
    expect(() => monoWeights(2, 0x30, 'clip')).toThrow('0x30')
    expect(() => monoWeights(2, 0x5, 'clip')).toThrow('0x5')
  })
})
