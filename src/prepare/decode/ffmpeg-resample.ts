import { spawn } from 'node:child_process'
import { resampledLength } from '../../audio/resample.js'
import { HearError } from '../../base/errors.js'
import type { FfmpegOptions } from './decode-with-ffmpeg.js'

const TIME_LIMIT_MS = 600_000
/** Most of ffmpeg's messages that are kept. */
const MAX_MESSAGE_CHARS = 4000
/** What libswresample says when it was built without libsoxr: it refuses, and does not fall back to its own filter. */
const NO_SOXR = 'resampling engine is unavailable'

/**
 * Resamples as hear-preprocess does, by ffmpeg's `aresample=RATE:resampler=soxr` with its defaults. soxr's dither
 * depends on the clock, so two runs differ by up to 2 steps of 16 bits.
 *
 * Samples go in and out through pipes: no file, no shell, no name of anything.
 * @param samples mono, 16 bits
 * @param signal ends ffmpeg at once
 * @returns resampledLength samples at toHz; none, without asking ffmpeg, where that is 0
 * @throws HearError when there is no ffmpeg, when it was built without libsoxr, when it fails, takes longer than the
 *   time limit, or gives another number of samples than soxr does
 * Source: hear-preprocess 2021.1.1, hearpreprocess/util/audio.py (resample_wav).
 */
export async function resampleWithFfmpeg(
  samples: Int16Array,
  fromHz: number,
  toHz: number,
  options: Pick<FfmpegOptions, 'ffmpeg' | 'timeLimitMs'> & { signal?: AbortSignal } = {},
): Promise<Int16Array> {
  const { ffmpeg = 'ffmpeg', timeLimitMs = TIME_LIMIT_MS, signal } = options
  const nSamples = resampledLength(samples.length, fromHz, toHz)
  if (nSamples === 0) return new Int16Array(0)
  const child = spawn(ffmpeg, ffmpegArguments(fromHz, toHz), {
    timeout: timeLimitMs,
    killSignal: 'SIGKILL',
    signal,
  })
  const ended = new Promise<{ error?: NodeJS.ErrnoException; code?: number | null; by?: string | null }>(
    (resolve) => {
      child.once('error', (error) => resolve({ error }))
      child.once('close', (code, by) => resolve({ code, by }))
    },
  )
  const output = new Uint8Array(2 * nSamples)
  let nBytes = 0
  child.stdout.on('data', (chunk: Uint8Array) => {
    if (nBytes < output.length) output.set(chunk.subarray(0, output.length - nBytes), nBytes)
    nBytes += chunk.length
  })
  let messages = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    messages = (messages + text).slice(0, MAX_MESSAGE_CHARS)
  })
  // Where ffmpeg ends before it has read all, its exit tells why.
  child.stdin.on('error', () => {})
  child.stdin.end(new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength))
  const { error, code, by } = await ended
  signal?.throwIfAborted()
  if (error !== undefined) throw notStarted(ffmpeg, error)
  if (by === 'SIGKILL') throw tooSlow(timeLimitMs)
  if (messages.includes(NO_SOXR)) throw withoutSoxr(ffmpeg)
  const complaint = messages.trim()
  if (code !== 0) throw failed(by ? `it crashed (${by})` : complaint || 'it gives no reason')
  if (nBytes !== output.length)
    throw failed(`expected ${nSamples} samples at ${toHz} Hz, found ${nBytes / 2}. ${complaint}`.trim())
  return new Int16Array(output.buffer)
}

function ffmpegArguments(fromHz: number, toHz: number): string[] {
  const input = ['-f', 's16le', '-ar', String(fromHz), '-ac', '1', '-i', 'pipe:0']
  const output = ['-af', `aresample=${toHz}:resampler=soxr`, '-f', 's16le', '-ac', '1', 'pipe:1']
  return ['-hide_banner', '-loglevel', 'error', ...input, ...output]
}

const OWN_RESAMPLER = 'leave out "--resampler ffmpeg": the own resampler has the same filter, without dither'

function notStarted(ffmpeg: string, error: NodeJS.ErrnoException): HearError {
  const found = error.code === 'ENOENT' ? 'there is none' : `it cannot be started (${error.message})`
  return new HearError('audio/no-ffmpeg', `"${ffmpeg}" was to resample, but ${found}.`, {
    hint: `Install ffmpeg so that the command "ffmpeg" runs, or ${OWN_RESAMPLER}.`,
    cause: error,
  })
}

function withoutSoxr(ffmpeg: string): HearError {
  return new HearError(
    'audio/ffmpeg-without-soxr',
    `"${ffmpeg}" was built without libsoxr, which hear-preprocess resamples with.`,
    { hint: `Install an ffmpeg whose "ffmpeg -version" names --enable-libsoxr, or ${OWN_RESAMPLER}.` },
  )
}

function failed(complaint: string): HearError {
  return new HearError('audio/ffmpeg-failed', `ffmpeg did not resample: ${complaint}`, {
    hint: `Try it by hand, or ${OWN_RESAMPLER}.`,
  })
}

function tooSlow(timeLimitMs: number): HearError {
  return new HearError(
    'audio/ffmpeg-too-slow',
    `ffmpeg did not resample a clip within ${timeLimitMs / 1000} s, or was ended by someone else.`,
    { hint: `Cut the audio into shorter clips, or ${OWN_RESAMPLER}.` },
  )
}
