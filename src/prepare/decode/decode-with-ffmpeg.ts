import { spawn } from 'node:child_process'
import { mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ByteReader } from '../../audio/byte-reader.js'
import { type DecodeOptions, decodeMonoPcm, type MonoPcm } from '../../audio/decode-mono-pcm.js'
import { HearError } from '../../base/errors.js'
import { withFileErrors } from '../../store/file-errors.js'

export interface FfmpegOptions {
  /** The program; `ffmpeg` on the PATH unless given. */
  readonly ffmpeg?: string
  /** How long it may work on one file; 10 minutes unless given. */
  readonly timeLimitMs?: number
  /** Folder for the copy of the file that ffmpeg reads; the system's own for such things unless given. */
  readonly tempDir?: string
}

const TIME_LIMIT_MS = 600_000
/** Largest file that is copied for ffmpeg. */
const MAX_INPUT_BYTES = 4 * 2 ** 30
/** Most of ffmpeg's messages that are kept. */
const MAX_MESSAGE_CHARS = 4000

/**
 * Formats that ffmpeg may read: single files of sound or film. Playlists and lists of files (hls, dash, concat) are not
 * among them, since they can name other files of this machine, nor are devices and images.
 */
const FORMATS = [
  'mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,wav,w64,aiff,au,caf,flac,mp3,ogg,aac,ac3,eac3,dts,amr,amrnb,amrwb,asf,avi,flv',
  'mpeg,mpegts,wv,ape,tta,tak,mpc,mpc8,dsf,iff,voc,sln,nistsphere,ircam,gsm,rm,avr,xwma,sox,shn,loas,oma,bonk',
].join(',')

/**
 * Has ffmpeg decode the file in `reader` to mono 16-bit samples (`-ac 1 -c:a pcm_s16le`, its first sound track).
 *
 * ffmpeg gets a copy of the file in a private folder that is removed whatever happens, since it has to jump about in
 * some kinds of files: so the name of the source never comes near it, and it needs no shell. It may open no other
 * file, no playlist and no network address, and it ends with the time limit.
 *
 * @param refusal why the file has to be decoded by ffmpeg, for messages
 * @returns what ffmpeg made of it; where it complained and went on, its complaint is a warning.
 * @throws HearError when there is no ffmpeg, when it fails (in its own words) or takes too long, for a file that is
 *   too large to copy, and as decodeMonoPcm does for what it wrote.
 */
export async function decodeWithFfmpeg(
  reader: ByteReader,
  refusal: Error,
  options: DecodeOptions & FfmpegOptions,
): Promise<MonoPcm> {
  const parent = options.tempDir ?? tmpdir()
  const dir = await withFileErrors('make a folder in', parent, () => mkdtemp(join(parent, 'hear-decode-')))
  try {
    const path = join(dir, 'input')
    await copyTo(path, reader, options)
    return await runFfmpeg(path, refusal, options)
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}

async function copyTo(path: string, reader: ByteReader, { name, signal }: DecodeOptions): Promise<void> {
  await withFileErrors('write', path, async () => {
    const file = await open(path, 'wx', 0o600)
    try {
      for (let nBytes = 0; ; ) {
        signal?.throwIfAborted()
        const bytes = await reader.takeSome(1 << 20)
        if (bytes === undefined) return
        nBytes += bytes.length
        if (nBytes > MAX_INPUT_BYTES) throw tooLarge(name)
        await file.writeFile(bytes)
      }
    } finally {
      await file.close()
    }
  })
}

async function runFfmpeg(
  path: string,
  refusal: Error,
  {
    name,
    maxDurationSec,
    signal,
    ffmpeg = 'ffmpeg',
    timeLimitMs = TIME_LIMIT_MS,
  }: DecodeOptions & FfmpegOptions,
): Promise<MonoPcm> {
  const child = spawn(ffmpeg, ffmpegArguments(path), {
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: timeLimitMs,
    killSignal: 'SIGKILL',
    signal,
  })
  const ended = new Promise<{ error?: NodeJS.ErrnoException; code?: number | null; by?: string | null }>(
    (resolve) => {
      child.once('error', (error) => resolve({ error }))
      child.once('exit', (code, by) => resolve({ code, by }))
    },
  )
  let messages = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    messages = (messages + text).slice(0, MAX_MESSAGE_CHARS)
  })
  // Its complaints may arrive after its last sample, and after its end.
  const complained = new Promise((resolve) => child.stderr.once('close', resolve))
  try {
    const output = new ByteReader(child.stdout)
    const decoded = await decodeMonoPcm(output, { name, maxDurationSec, signal }).catch(
      (failure: unknown) => failure,
    )
    // Then ffmpeg is left in the middle of its work, and how it ends is no news.
    if (isMonoPcm(decoded) && decoded.samples.length >= (maxDurationSec ?? Infinity) * decoded.sampleRate)
      return byFfmpeg(decoded, name, '')
    if (decoded instanceof HearError && decoded.code === 'audio/too-long') throw decoded
    const { error, code, by } = await ended
    signal?.throwIfAborted()
    if (error !== undefined) throw notStarted(ffmpeg, refusal, error)
    if (by === 'SIGKILL') throw tooSlow(name, timeLimitMs)
    await complained
    const complaint = messages.replaceAll(`file:${path}`, JSON.stringify(name)).replaceAll(path, name).trim()
    if (code !== 0) throw failed(refusal, by ? `it crashed (${by})` : complaint)
    if (isWithoutSound(decoded)) throw failed(refusal, complaint || 'it finds no sound in it')
    if (!isMonoPcm(decoded)) throw decoded
    return byFfmpeg(decoded, name, complaint)
  } finally {
    child.kill('SIGKILL')
  }
}

function ffmpegArguments(path: string): string[] {
  const input = ['-protocol_whitelist', 'file', '-format_whitelist', FORMATS, '-i', `file:${path}`]
  const output = [
    '-map',
    '0:a:0',
    '-ac',
    '1',
    '-c:a',
    'pcm_s16le',
    '-map_metadata',
    '-1',
    '-f',
    'wav',
    'pipe:1',
  ]
  return ['-hide_banner', '-nostdin', '-loglevel', 'error', ...input, ...output]
}

/** Whether ffmpeg wrote nothing, or a header only. */
function isWithoutSound(failure: unknown): boolean {
  return failure instanceof HearError && ['audio/not-audio', 'audio/no-samples'].includes(failure.code)
}

function isMonoPcm(decoded: unknown): decoded is MonoPcm {
  return typeof decoded === 'object' && decoded !== null && 'samples' in decoded
}

/** What the file was before, only ffmpeg knows. */
function byFfmpeg(decoded: MonoPcm, name: string, complaint: string): MonoPcm {
  const warnings = complaint === '' ? [] : [`"${name}" was decoded by ffmpeg, which says: ${complaint}`]
  return { ...decoded, format: { container: 'other', codec: 'other' }, warnings }
}

function notStarted(ffmpeg: string, refusal: Error, error: NodeJS.ErrnoException): HearError {
  const found = error.code === 'ENOENT' ? 'there is none' : `it cannot be started (${error.message})`
  return new HearError(
    'audio/no-ffmpeg',
    `${refusal.message} ffmpeg ("${ffmpeg}") may decode it, but ${found}.`,
    {
      hint: 'Install ffmpeg so that the command "ffmpeg" runs, or convert the file where there is one: ffmpeg -i FILE -c:a pcm_s16le out.wav',
      cause: error,
    },
  )
}

function failed(refusal: Error, complaint: string): HearError {
  return new HearError(
    'audio/ffmpeg-failed',
    `${refusal.message} Nor can ffmpeg decode it: ${complaint || 'it gives no reason'}.`,
    {
      hint: 'Fetch the file again, or leave it out of the task.',
      cause: refusal,
    },
  )
}

function tooSlow(name: string, timeLimitMs: number): HearError {
  return new HearError(
    'audio/ffmpeg-too-slow',
    `ffmpeg did not decode "${name}" within ${timeLimitMs / 1000} s, or was ended by someone else.`,
    {
      hint: 'Convert the file yourself: ffmpeg -i FILE -c:a pcm_s16le out.wav',
    },
  )
}

function tooLarge(name: string): HearError {
  return new HearError(
    'audio/too-large',
    `"${name}" has more than ${MAX_INPUT_BYTES} bytes, too many to copy for ffmpeg.`,
    {
      hint: 'Convert the file yourself: ffmpeg -i FILE -c:a pcm_s16le out.wav',
    },
  )
}
