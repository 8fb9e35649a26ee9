/** What a file's first bytes say that it is. */
export interface FileKind {
  /** Stable short name. */
  readonly kind: string
  /** For a sentence: `it is ${name}`. */
  readonly name: string
}

/** A signature: bytes (as Latin-1 text, `?` for any) at an offset. The first match in the list counts. */
const SIGNATURES: readonly (readonly [kind: string, name: string, offset: number, bytes: string])[] = [
  ['wav', 'a wav file', 0, 'RIFF????WAVE'],
  ['wav', 'a big-endian (RIFX) wav file', 0, 'RIFX????WAVE'],
  ['wav', 'an RF64 wav file', 0, 'RF64????WAVE'],
  ['wav', 'a BW64 wav file', 0, 'BW64????WAVE'],
  ['avi', 'an AVI video', 0, 'RIFF????AVI '],
  ['riff', 'a RIFF file without audio', 0, 'RIFF'],
  ['w64', 'a Sony Wave64 file', 0, 'riff\x2e\x91\xcf\x11'],
  ['flac', 'a FLAC file', 0, 'fLaC'],
  ['opus', 'an Ogg Opus file', 28, 'OpusHead'],
  ['vorbis', 'an Ogg Vorbis file', 28, '\x01vorbis'],
  ['ogg', 'an Ogg file', 0, 'OggS'],
  ['mp3', 'an MP3 file', 0, 'ID3'],
  ['aiff', 'an AIFF file', 0, 'FORM????AIFF'],
  ['aiff', 'an AIFF-C file', 0, 'FORM????AIFC'],
  ['mp4', 'an MP4 or M4A file', 4, 'ftyp'],
  ['webm', 'a WebM or Matroska file', 0, '\x1a\x45\xdf\xa3'],
  ['caf', 'a Core Audio file', 0, 'caff'],
  ['au', 'a Sun/NeXT au file', 0, '.snd'],
  ['npy', 'a NumPy array', 0, '\x93NUMPY'],
  ['zip', 'a zip archive', 0, 'PK\x03\x04'],
  ['gzip', 'a gzip archive', 0, '\x1f\x8b'],
  ['lfs', 'a Git LFS pointer (the file itself was never fetched)', 0, 'version https://git-lfs'],
]

const HTML = /^\s*<(!doctype html|html|head|body|\?xml)/i
/** Bytes looked at to tell text from data. */
const TEXT_BYTES = 256

/** Says what the bytes are, by signature; `unknown` when nothing is recognised, `empty` for no bytes. */
export function identifyFile(bytes: Uint8Array): FileKind {
  if (bytes.length === 0) return { kind: 'empty', name: 'empty (0 bytes)' }
  for (const [kind, name, offset, signature] of SIGNATURES)
    if (matches(bytes, offset, signature)) return { kind, name }
  const start = latin1(bytes.subarray(0, TEXT_BYTES))
  if (HTML.test(start))
    return { kind: 'html', name: 'an HTML page, perhaps the message of a failed download' }
  if (isMpegFrame(bytes)) return { kind: 'mp3', name: 'an MP3 file' }
  if (/^[\t\n\r\x20-\x7e]+$/.test(start)) return { kind: 'text', name: 'a text file' }
  return { kind: 'unknown', name: 'of a kind that is not recognised' }
}

function matches(bytes: Uint8Array, offset: number, signature: string): boolean {
  if (bytes.length < offset + signature.length) return false
  for (let i = 0; i < signature.length; i++)
    if (signature[i] !== '?' && bytes[offset + i] !== signature.charCodeAt(i)) return false
  return true
}

/** An MPEG audio frame header: 11 bits of sync, then version, layer, bit rate and rate that are not reserved. */
function isMpegFrame(bytes: Uint8Array): boolean {
  if (bytes.length < 4 || bytes[0] !== 0xff || (bytes[1] & 0xe0) !== 0xe0) return false
  const version = (bytes[1] >> 3) & 3
  const layer = (bytes[1] >> 1) & 3
  const bitRate = bytes[2] >> 4
  const rate = (bytes[2] >> 2) & 3
  return version !== 1 && layer !== 0 && bitRate !== 15 && rate !== 3
}

function latin1(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes)
}
