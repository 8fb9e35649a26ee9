import { spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { createResampler } from '../../audio/resample.js'
import { HearError } from '../../base/errors.js'
import { Random } from '../../num/random.js'
import { resampleWithFfmpeg } from './ffmpeg-resample.js'

const folder = mkdtempSync(join(tmpdir(), 'hearkit-ffmpeg-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** A program that behaves as an ffmpeg might. */
function pretend(name: string, lines: string[]): string {
  const path = join(folder, name)
  writeFileSync(path, ['#!/bin/sh', ...lines, ''].join('\n'))
  chmodSync(path, 0o755)
  return path
}

async function failureOf(promise: Promise<unknown>): Promise<HearError> {
  const failure = await promise.then(
    () => undefined,
    (error: unknown) => error,
  )
  if (failure instanceof HearError) return failure
  throw new Error('expected a HearError', { cause: failure })
}

const clip = new Int16Array(4410).fill(100)

describe('resampling with ffmpeg', () => {
  it('refuses an ffmpeg that was built without libsoxr', async () => {
    const ffmpeg = pretend('without', [
      'echo "[SWR @ 0x5581] Requested resampling engine is unavailable" >&2',
      'exit 1',
    ])
    const failure = await failureOf(resampleWithFfmpeg(clip, 44100, 16000, { ffmpeg }))
    expect(failure.code).toBe('audio/ffmpeg-without-soxr')
    expect(failure.hint).toContain('--enable-libsoxr')
  })

  it('refuses an output that is cut off, even when all seemed well', async () => {
    const ffmpeg = pretend('short', ['cat > /dev/null', 'printf 1234'])
    const failure = await failureOf(resampleWithFfmpeg(clip, 44100, 16000, { ffmpeg }))
    expect(failure.message).toContain('expected 1600 samples at 16000 Hz, found 2')
  })

  it('passes on what ffmpeg complains of', async () => {
    const ffmpeg = pretend('broken', ['echo "no memory today" >&2', 'exit 3'])
    const failure = await failureOf(resampleWithFfmpeg(clip, 44100, 16000, { ffmpeg }))
    expect(failure.message).toContain('no memory today')
  })

  it('ends an ffmpeg that hangs', async () => {
    const ffmpeg = pretend('hanging', ['exec sleep 100'])
    const failure = await failureOf(resampleWithFfmpeg(clip, 44100, 16000, { ffmpeg, timeLimitMs: 300 }))
    expect(failure.code).toBe('audio/ffmpeg-too-slow')
  })

  it('ends when it is told to', async () => {
    const ffmpeg = pretend('sleeping', ['exec sleep 100'])
    const signal = AbortSignal.timeout(200)
    await expect(resampleWithFfmpeg(clip, 44100, 16000, { ffmpeg, signal })).rejects.toThrow('aborted')
  })

  it('says what to install where there is no ffmpeg', async () => {
    const failure = await failureOf(
      resampleWithFfmpeg(clip, 44100, 16000, { ffmpeg: join(folder, 'nowhere') }),
    )
    expect(failure.code).toBe('audio/no-ffmpeg')
    expect(failure.hint).toMatchInlineSnapshot(
      `"Install ffmpeg so that the command "ffmpeg" runs, or leave out "--resampler ffmpeg": the own resampler has the same filter, without dither."`,
    )
  })

  it('gives nothing for a clip too short for one output', async () => {
    expect(await resampleWithFfmpeg(new Int16Array(1), 44100, 16000)).toHaveLength(0)
  })
})

const hasFfmpeg = spawnSync('ffmpeg', ['-version']).stdout?.includes('libsoxr') === true

describe.skipIf(!hasFfmpeg)('with a real ffmpeg (skipped where there is none with libsoxr)', () => {
  it.each([
    [44100, 16000],
    [16000, 44100],
    [48000, 32000],
    [8000, 48000],
  ])('%d to %d Hz, noise differs from the own resampler by dither and rounding only', async (from, to) => {
    const random = new Random(`ffmpeg ${from} ${to}`)
    const noise = Int16Array.from({ length: from / 2 }, () => 20_000 * (2 * random.uniform() - 1))
    const theirs = await resampleWithFfmpeg(noise, from, to)
    const ours = createResampler(from, to).resample(noise)
    expect(theirs).toHaveLength(ours.length)
    const squares = ours.reduce((sum, value, i) => sum + (value - theirs[i]) ** 2, 0)
    // Two roundings of 1/12 each, and triangular dither of 1/6.
    expect(Math.sqrt(squares / ours.length)).toBeLessThan(1.05 * Math.sqrt(1 / 3))
  })
})
