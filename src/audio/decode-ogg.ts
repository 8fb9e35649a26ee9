import { OggVorbisDecoder } from '@wasm-audio-decoders/ogg-vorbis'
import { OggOpusDecoder } from 'ogg-opus-decoder'
import { HearError } from '../base/errors.js'
import {
  type AudioStream,
  callDecoder,
  damaged,
  interleave,
  notDecoded,
  SURROUND_MASKS,
  type Warn,
} from './audio-stream.js'
import type { ByteReader } from './byte-reader.js'
import { type OggPage, peekOggPage, takeOggPage } from './ogg-page.js'
import type { Samples } from './sample-encoding.js'

/** The first packet of a stream. */
interface Head {
  readonly codec: 'vorbis' | 'opus'
  readonly sampleRate: number
  readonly channels: number
  /** Samples per channel at the start that are not part of the recording. */
  readonly preSkip: number
  /** Factor of all samples. */
  readonly gain: number
}

interface Decoded {
  readonly channelData: Float32Array[]
  readonly samplesDecoded: number
  readonly errors: readonly { message: string }[]
}

/** What the two decoders have in common. */
interface OggDecoder {
  readonly ready: Promise<void>
  decode(bytes: Uint8Array): Decoded | Promise<Decoded>
  flush(): Promise<Decoded>
  free(): void
}

/** Plane of each channel, in the order of its speaker's bit: Vorbis and Opus put the centre second and LFE last. */
const ORDERS = [
  [0],
  [0, 1],
  [0, 2, 1],
  [0, 1, 2, 3],
  [0, 2, 1, 3, 4],
  [0, 2, 1, 5, 3, 4],
  [0, 2, 1, 6, 5, 3, 4],
  [0, 2, 1, 7, 5, 6, 3, 4],
]

/**
 * Opens an Ogg file with one Vorbis or Opus stream. Opus is decoded at 48000 Hz, whatever the rate of the recording
 * was, and the samples that its encoder put in front ("pre-skip") and after the end are left out.
 *
 * @throws HearError for files with several streams side by side, more than 8 channels, and damaged pages; while
 *   decoding, for pages that are missing and for a second stream after the first. A file without its last page is
 *   decoded, with a warning.
 * Source: RFC 3533, the Vorbis I specification, RFC 7845; decoders @wasm-audio-decoders/ogg-vorbis (within 1e-6 of
 * ffmpeg's samples) and ogg-opus-decoder (within 1e-4).
 */
export async function openOgg(reader: ByteReader, name: string, warn: Warn): Promise<AudioStream> {
  const first = await peekOggPage(reader, name, 0)
  const second = first && (await peekOggPage(reader, name, first.bytes.length))
  if (first === undefined || second === undefined) throw damaged(name, 'it ends within its header')
  if (second.isFirst) throw notDecoded(name, 'an Ogg file of several streams')
  const head = parseHead(first.body, name)
  return {
    container: 'ogg',
    codec: head.codec,
    sampleRate: head.sampleRate,
    channels: head.channels,
    speakerMask: SURROUND_MASKS[head.channels - 1],
    blocks: decodeBlocks(reader, head, name, warn),
  }
}

async function* decodeBlocks(
  reader: ByteReader,
  head: Head,
  name: string,
  warn: Warn,
): AsyncGenerator<Samples> {
  const decoder: OggDecoder = head.codec === 'opus' ? new OggOpusDecoder() : new OggVorbisDecoder()
  await decoder.ready
  try {
    const trim = new EndTrim(head)
    let last: OggPage | undefined
    for (let page = await takeOggPage(reader, name); page; page = await takeOggPage(reader, name)) {
      if (last?.isLast || (last && page.serial !== last.serial)) throw chained(name)
      if (last && page.index !== last.index + 1)
        throw damaged(name, `page ${last.index + 1} of its Ogg stream is missing`)
      last = page
      const { bytes } = page
      yield* trim.cut(toSamples(await callDecoder(name, () => decoder.decode(bytes)), head, name), page)
    }
    if (!last?.isLast) warn(`"${name}" ends without the last page of its Ogg stream; it may be cut off.`)
    yield* trim.cut(toSamples(await callDecoder(name, () => decoder.flush()), head, name), last)
  } finally {
    decoder.free()
  }
}

/**
 * Leaves out what the encoder added after the end: the last page says how long the recording is. The decoders do this
 * too, but not where all sound lies on one page (opus) or on the second of two calls.
 */
class EndTrim {
  private nFrames = 0

  constructor(private readonly head: Head) {}

  *cut(samples: Float32Array, { isLast, granule }: Partial<OggPage> = {}): Generator<Float32Array> {
    const { channels, preSkip } = this.head
    // A stream that was cut out of a longer one starts late and has fewer samples than its last page says.
    const end = isLast && granule !== undefined ? granule - preSkip : Infinity
    const nWanted = Math.max(0, Math.min(samples.length / channels, end - this.nFrames))
    this.nFrames += nWanted
    if (nWanted > 0) yield samples.subarray(0, nWanted * channels)
  }
}

function toSamples(
  { channelData, samplesDecoded }: Decoded,
  { channels, gain }: Head,
  name: string,
): Float32Array {
  if (samplesDecoded <= 0) return new Float32Array(0)
  if (channelData.length !== channels)
    throw damaged(name, `it decodes to ${channelData.length} channels, not ${channels}`)
  const samples = interleave(channelData, ORDERS[channels - 1])
  if (gain !== 1) for (let i = 0; i < samples.length; i++) samples[i] *= gain
  return samples
}

function parseHead(packet: Uint8Array, name: string): Head {
  const view = new DataView(packet.buffer, packet.byteOffset, packet.byteLength)
  const isOpus = packet[0] === 0x4f // "OpusHead", else "\x01vorbis": the file was recognised by them
  if (packet.length < (isOpus ? 19 : 30)) throw damaged(name, 'its header is too short')
  const channels = packet[isOpus ? 9 : 11]
  if (channels === 0) throw damaged(name, 'its header names 0 channels')
  if (channels > 8) throw notDecoded(name, `an Ogg file of ${channels} channels`)
  if (!isOpus && view.getUint32(12, true) === 0) throw damaged(name, 'its header names a rate of 0 Hz')
  if (!isOpus) return { codec: 'vorbis', channels, sampleRate: view.getUint32(12, true), preSkip: 0, gain: 1 }
  const mappingFamily = packet[18]
  if (mappingFamily > 1) throw notDecoded(name, `an Opus file of mapping family ${mappingFamily}`)
  // In units of 1/256 dB.
  const gain = 10 ** (view.getInt16(16, true) / (20 * 256))
  return { codec: 'opus', channels, sampleRate: 48000, preSkip: view.getUint16(10, true), gain }
}

function chained(name: string): HearError {
  return new HearError(
    'audio/chained-ogg',
    `"${name}" is several Ogg files one after the other; expected one.`,
    {
      hint: `Join them: ffmpeg -i "${name}" -c:a pcm_s16le out.wav`,
    },
  )
}
