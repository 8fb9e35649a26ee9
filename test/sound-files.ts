import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Whether ffmpeg is on this machine: the oracle of some tests. */
export const hasFfmpeg = spawnSync('ffmpeg', ['-version']).status === 0

/** The bytes as a stream in chunks of a size, and how many of them were asked for. */
export function chunksOf(
  bytes: Uint8Array,
  chunkBytes: number,
): AsyncIterable<Uint8Array> & { nRead: number } {
  const source = {
    nRead: 0,
    async *[Symbol.asyncIterator]() {
      for (let at = 0; at < bytes.length; at += chunkBytes) {
        const chunk = bytes.subarray(at, at + chunkBytes)
        source.nRead += chunk.length
        yield chunk
      }
    },
  }
  return source
}

/** A wav file with the format as WAVEFORMATEXTENSIBLE; the tag is 1 for integers, 3 for floats. */
export function extensibleWav(
  data: Uint8Array,
  {
    tag,
    bits,
    channels,
    mask,
    sampleRate,
  }: { tag: number; bits: number; channels: number; mask: number; sampleRate: number },
): Buffer {
  const header = Buffer.alloc(68)
  header.write('RIFF', 0, 'latin1')
  header.writeUInt32LE(60 + data.length, 4)
  header.write('WAVEfmt ', 8, 'latin1')
  header.writeUInt32LE(40, 16)
  header.writeUInt16LE(0xfffe, 20)
  header.writeUInt16LE(channels, 22)
  header.writeUInt32LE(sampleRate, 24)
  header.writeUInt32LE((sampleRate * channels * bits) / 8, 28)
  header.writeUInt16LE((channels * bits) / 8, 32)
  header.writeUInt16LE(bits, 34)
  header.writeUInt16LE(22, 36)
  header.writeUInt16LE(bits, 38)
  header.writeUInt32LE(mask, 40)
  header.writeUInt16LE(tag, 44)
  header.write('000000001000800000aa00389b71', 46, 'hex')
  header.write('data', 60, 'latin1')
  header.writeUInt32LE(data.length, 64)
  return Buffer.concat([header, data])
}

/** Half a second of a sine at half of full scale, encoded by ffmpeg as told; made in a file, since some kinds need one. */
export function soundFile(args: readonly string[], dir: string): Buffer {
  const path = join(dir, 'sound')
  const input = ['-f', 'lavfi', '-i', 'aevalsrc=0.5*sin(440*2*PI*t):d=0.5:s=44100']
  const { status, stderr } = spawnSync('ffmpeg', ['-v', 'error', '-y', ...input, ...args, path])
  if (status !== 0) throw new Error(stderr.toString())
  return readFileSync(path)
}
