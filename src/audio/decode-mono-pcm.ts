import { HearError } from '../base/errors.js'
import { type AudioStream, notDecoded, type Warn } from './audio-stream.js'
import type { ByteReader } from './byte-reader.js'
import { openFlac } from './decode-flac.js'
import { openMp3 } from './decode-mp3.js'
import { openOgg } from './decode-ogg.js'
import { openPcm } from './decode-pcm.js'
import { identifyFile } from './identify-file.js'
import { mixToMono } from './mix-to-mono.js'
import { PcmCollector } from './pcm-collector.js'
import { noSamples } from './pcm-errors.js'
import type { Samples } from './sample-encoding.js'
import { monoWeights } from './speakers.js'

export interface DecodeOptions {
  /** Of the file, for errors and warnings. */
  readonly name: string
  /** Stop here: what comes after is not read. */
  readonly maxDurationSec?: number
  readonly signal?: AbortSignal
}

/** A file as mono 16-bit samples at its own rate. */
export interface MonoPcm {
  /** Hz. */
  readonly sampleRate: number
  readonly samples: Int16Array
  readonly format: {
    /** wav, w64, aiff, au, flac, mp3 or ogg; other when ffmpeg decoded it. */
    readonly container: string
    /** By ffmpeg's name: pcm_s16le, pcm_f32be, pcm_alaw, flac, mp3, vorbis, opus...; other as above. */
    readonly codec: string
    /** Unknown of other kinds. */
    readonly channels?: number
    /** Samples per channel that the file's header promises, where it does. */
    readonly nFrames?: number
  }
  /** Sentences about what is odd in the file. */
  readonly warnings: readonly string[]
}

/** Bytes that tell the kinds of files apart. */
const SIGNATURE_BYTES = 256
/** 1 GiB of 16-bit samples: 3.1 hours at 48 kHz. More is an error, since every stage holds a clip as a whole. */
const MAX_SAMPLES = 2 ** 29
/** Kinds of files that are no sound at all, so that ffmpeg need not be asked. */
const NO_SOUND = ['empty', 'html', 'text', 'lfs', 'zip', 'gzip', 'npy', 'riff']

/**
 * Decodes a sound file of any kind to the mono 16-bit samples that `ffmpeg -ac 1 -c:a pcm_s16le` makes of it: bit
 * for bit for uncompressed files and FLAC (mixToMono), to a few units of 1/32768 for the others, whose decoders
 * round differently. The kind is told by content, not by name: wav, Wave64, AIFF, AIFF-C, au, FLAC, MP3, and Vorbis
 * and Opus in Ogg.
 *
 * Works through the stream piece by piece and holds nothing but the result, a header, and one chunk of the source;
 * so a long file costs only what `maxDurationSec` asks for. Closes the reader at the end, except for files of
 * other kinds.
 *
 * @throws HearError naming the file: `audio/unsupported-encoding` for sound that ffmpeg may decode, in which case
 *   nothing has been taken from the reader yet; `audio/not-audio` for anything else; `audio/no-samples`,
 *   `audio/not-finite` (NaN or infinity, with the first such sample), `audio/damaged`, `audio/truncated` (within the
 *   header), `audio/too-long`. A file cut off within its samples is decoded as far as it goes, with a warning.
 */
export async function decodeMonoPcm(reader: ByteReader, options: DecodeOptions): Promise<MonoPcm> {
  const warnings: string[] = []
  try {
    const stream = await openAudio(reader, options.name, (sentence) => warnings.push(sentence))
    const samples = await collect(stream, options)
    await reader.close()
    const { sampleRate, container, codec, channels, nFrames } = stream
    return { sampleRate, samples, format: { container, codec, channels, nFrames }, warnings }
  } catch (error) {
    if (!isForFfmpeg(error)) await reader.close()
    throw error
  }
}

/** Whether ffmpeg may decode what decodeMonoPcm refused with this error; the reader then still has every byte. */
export function isForFfmpeg(error: unknown): boolean {
  return error instanceof HearError && error.code === 'audio/unsupported-encoding'
}

async function openAudio(reader: ByteReader, name: string, warn: Warn): Promise<AudioStream> {
  const found = identifyFile(await reader.peek(SIGNATURE_BYTES))
  switch (found.kind) {
    case 'wav':
    case 'w64':
    case 'aiff':
    case 'au':
      return openPcm(reader, found.kind, name, warn)
    case 'flac':
      return openFlac(reader, name, warn)
    case 'mp3':
      return openMp3(reader, name, warn)
    case 'opus':
    case 'vorbis':
      return openOgg(reader, name, warn)
  }
  if (!NO_SOUND.includes(found.kind)) throw notDecoded(name, found.name)
  throw new HearError('audio/not-audio', `"${name}" is not a sound file; it is ${found.name}.`, {
    hint: 'Fetch the file again, or leave it out of the task.',
  })
}

async function collect(
  stream: AudioStream,
  { name, maxDurationSec, signal }: DecodeOptions,
): Promise<Int16Array> {
  const { channels, sampleRate } = stream
  const weights = monoWeights(channels, stream.speakerMask, name)
  const wanted = maxDurationSec === undefined ? Infinity : Math.ceil(maxDurationSec * sampleRate)
  const collector = new PcmCollector(Math.min(wanted, stream.nFrames ?? Infinity))
  for await (const block of stream.blocks) {
    signal?.throwIfAborted()
    const missing = wanted - collector.length
    const samples = missing * channels < block.length ? block.subarray(0, missing * channels) : block
    if (!(samples instanceof Int16Array || samples instanceof Int32Array))
      requireFinite(samples, collector.length, stream, name)
    collector.add(mixToMono(samples, weights))
    if (collector.length >= wanted) break
    if (collector.length > MAX_SAMPLES) throw tooLong(name, sampleRate)
  }
  if (collector.length === 0) throw noSamples(name, stream.container)
  return collector.finish()
}

function requireFinite(
  samples: Exclude<Samples, Int16Array | Int32Array>,
  nBefore: number,
  { channels, sampleRate }: AudioStream,
  name: string,
): void {
  const bad = samples.findIndex((value) => !Number.isFinite(value))
  if (bad === -1) return
  const frame = nBefore + Math.floor(bad / channels)
  const where = `sample ${frame}${channels > 1 ? ` of channel ${(bad % channels) + 1}` : ''}`
  throw new HearError(
    'audio/not-finite',
    `"${name}" holds ${samples[bad]} at ${where} (${((1000 * frame) / sampleRate).toFixed(1)} ms); audio must be finite.`,
    { hint: 'Write the file again with sound samples in their place, or leave it out of the task.' },
  )
}

function tooLong(name: string, sampleRate: number): HearError {
  const hours = (MAX_SAMPLES / sampleRate / 3600).toFixed(1)
  return new HearError('audio/too-long', `"${name}" is longer than ${hours} hours at ${sampleRate} Hz.`, {
    hint: 'Cut it into clips first, or give the task a sample_duration.',
  })
}
