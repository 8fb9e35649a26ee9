import { readAiffHeader } from './aiff-format.js'
import { readAuHeader } from './au-format.js'
import { type AudioStream, notDecoded, type Warn } from './audio-stream.js'
import type { ByteReader } from './byte-reader.js'
import type { PcmHeader } from './pcm-header.js'
import { codecName, readSamples, type Samples } from './sample-encoding.js'
import { readW64Header } from './w64-format.js'
import { isChunkChain, readWavHeader } from './wav-format.js'

const HEADER_READERS = { wav: readWavHeader, w64: readW64Header, aiff: readAiffHeader, au: readAuHeader }

/** A header usually lies within the first of these; chunks before the samples (pictures) may take up to the second. */
const FIRST_LOOK_BYTES = 4096
const MAX_HEADER_BYTES = 1 << 24
/** Samples are turned into numbers in pieces of at most this size, however large the chunks come. */
const PIECE_BYTES = 1 << 18
/** Chunks that may follow a data chunk of size 0 in a file without samples; more bytes are taken for samples. */
const MAX_EMPTY_TAIL_BYTES = 1 << 16

/**
 * Opens an uncompressed file: wav (RIFF, RIFX, RF64, BW64), Wave64, AIFF, AIFF-C or au, of integers, floats, mu-law or
 * A-law. Data of unknown size (written to a pipe) reaches to the end of the file.
 *
 * @throws HearError as the readers of the headers do. Data that ends before the promised size, or within a sample, is
 *   decoded as far as it goes, with a warning.
 */
export async function openPcm(
  reader: ByteReader,
  container: PcmHeader['container'],
  name: string,
  warn: Warn,
): Promise<AudioStream> {
  const header = await readHeader(reader, container, name)
  const frameBytes = header.encoding.bytesPerSample * header.channels
  const isOpen = header.dataBytes === Infinity || header.mayEndEarly
  return {
    container,
    codec: codecName(header.encoding),
    sampleRate: header.sampleRate,
    channels: header.channels,
    speakerMask: header.speakerMask,
    nFrames: isOpen ? undefined : Math.floor(header.dataBytes / frameBytes),
    blocks: readBlocks(reader, header, frameBytes, name, warn),
  }
}

async function readHeader(
  reader: ByteReader,
  container: PcmHeader['container'],
  name: string,
): Promise<PcmHeader> {
  for (let nBytes = FIRST_LOOK_BYTES; nBytes <= MAX_HEADER_BYTES; nBytes *= 4) {
    const bytes = await reader.peek(nBytes)
    const header = HEADER_READERS[container](bytes, name, bytes.length < nBytes)
    if (header !== undefined) return header
  }
  throw notDecoded(name, `a ${container} file with more than ${MAX_HEADER_BYTES} bytes before its samples`)
}

async function* readBlocks(
  reader: ByteReader,
  header: PcmHeader,
  frameBytes: number,
  name: string,
  warn: Warn,
): AsyncGenerator<Samples> {
  for (let ahead = header.dataOffset; ahead > 0; ) ahead -= (await reader.takeSome(ahead))?.length ?? ahead
  const { dataBytes, mayEndEarly, encoding } = header
  let left = dataBytes
  if (dataBytes === 0 && mayEndEarly && !(await isEmptyForSure(reader, header))) left = Infinity
  const pieceBytes = Math.max(frameBytes, PIECE_BYTES)
  for (let piece: Uint8Array | undefined; left >= frameBytes; left -= piece.length) {
    piece = await reader.takeWhole(frameBytes, Math.min(left, pieceBytes))
    if (piece === undefined) break
    yield readSamples(piece, encoding)
  }
  if (left >= frameBytes && !mayEndEarly)
    warn(
      `"${name}" is cut off: its header promises ${dataBytes} bytes of samples, the file holds ${dataBytes - left}.`,
    )
  const restBytes = left < frameBytes ? left : (await reader.peek(frameBytes)).length
  // Some writers of Wave64 count the zeros up to the next multiple of 8 as data.
  const isPadding = header.container === 'w64' && restBytes < 8
  if (restBytes > 0 && !isPadding)
    warn(`"${name}" ends within a sample: ${restBytes} of its ${frameBytes} bytes are left out.`)
}

/** A data chunk of size 0 was either never filled in, or there are no samples and only chunks follow. */
async function isEmptyForSure(reader: ByteReader, { encoding, container }: PcmHeader): Promise<boolean> {
  if (container !== 'wav') return false
  const rest = await reader.peek(MAX_EMPTY_TAIL_BYTES + 1)
  return rest.length <= MAX_EMPTY_TAIL_BYTES && isChunkChain(rest, encoding.littleEndian)
}
