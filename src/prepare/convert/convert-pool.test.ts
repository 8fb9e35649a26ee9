import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { afterAll, expect, it } from 'vitest'
import { encodeWavPcm16 } from '../../audio/encode-wav.js'

// The built pool: its threads run JavaScript.
const { ConvertPool } = (await import(
  new URL('../../../dist/prepare/convert/convert-pool.js', import.meta.url).href
)) as typeof import('./convert-pool.js')

const dir = mkdtempSync(join(tmpdir(), 'hearkit-pool-'))
afterAll(() => rmSync(dir, { recursive: true, force: true }))
mkdirSync(join(dir, '8000', 'train'), { recursive: true })

const settings = { sampleDurationSec: null, sampleRates: [8000], resampler: 'hearkit', dir } as const
const job = (name: string) => ({
  path: `corpus/${name}`,
  clips: [{ split: 'train', fileName: `${name}.wav` }],
  sampleRates: [8000],
})

let nOpen = 0
/** A file that comes slowly, and knows whether it was closed. */
async function* slow(bytes: Uint8Array, delayMs: number): AsyncGenerator<Uint8Array> {
  nOpen++
  try {
    await setTimeout(delayMs)
    yield bytes
  } finally {
    nOpen--
  }
}

it('ends every file when one fails, also those that were being read or waited for a thread', async () => {
  const pool = new ConvertPool(settings, 1, () => {})
  const sound = encodeWavPcm16(new Float32Array(800), 8000)
  const files = [5, 200, 20, 300, 0, 100].map((delayMs, i) => {
    const bytes = i === 0 ? new TextEncoder().encode('no sound at all') : sound
    return pool.convert(job(`clip ${i}`), slow(bytes, delayMs))
  })
  const ended = await Promise.allSettled(files)
  await expect(pool.drain()).rejects.toThrow('"corpus/clip 0" is not a sound file')
  // Those that were slowest had not begun when the failure was known.
  expect(ended[3]).toMatchObject({ status: 'rejected', reason: { code: 'audio/not-audio' } })
  expect(nOpen).toBe(0)
  await pool.close()
})
