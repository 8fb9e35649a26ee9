import { chmodSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { chunksOf, hasFfmpeg, soundFile } from '../../../test/sound-files.js'
import type { MonoPcm } from '../../audio/decode-mono-pcm.js'
import { encodeWavPcm16 } from '../../audio/encode-wav.js'
import { HearError } from '../../base/errors.js'
import { decodeSource } from './decode-source.js'

let tempDir: string
beforeEach(() => {
  tempDir = mkdtempSync(join(tmpdir(), 'hear-decode-test-'))
})
afterEach(() => rmSync(tempDir, { recursive: true }))

type Options = Partial<Parameters<typeof decodeSource>[1]>
const decode = (bytes: Uint8Array, options: Options = {}): Promise<MonoPcm> =>
  decodeSource(chunksOf(bytes, 4096), { name: '-rf "a\nb" $(id).m4a', tempDir, ...options })

async function errorOf(decoding: Promise<MonoPcm>): Promise<HearError> {
  const error = await decoding.then(
    () => new Error('it was decoded'),
    (reason) => reason,
  )
  if (error instanceof HearError) return error
  throw error
}

/** A program in ffmpeg's place that does what it is told in JavaScript. */
function standIn(script: string): string {
  const path = join(tempDir, 'stand-in')
  writeFileSync(path, `#!${process.execPath}\n${script}\n`)
  chmodSync(path, 0o700)
  return path
}

const leftBehind = (): string[] => readdirSync(tempDir).filter((name) => name.startsWith('hear-decode-'))

/** Begins as an M4A file does, which hearkit has no decoder for. */
const M4A = Buffer.from('\0\0\0\x1cftypM4A \0\0\0\0', 'latin1')

describe('decodeSource', () => {
  it('needs no ffmpeg for what hearkit decodes', async () => {
    const wav = encodeWavPcm16(Float32Array.of(0, 0.5), 8000)
    expect([...(await decode(wav, { ffmpeg: '/no/such/ffmpeg' })).samples]).toEqual([0, 16384])
  })

  it('says that ffmpeg is missing, for what, and what to do', async () => {
    const { code, message, hint } = await errorOf(
      decode(M4A, { name: 'song.m4a', ffmpeg: '/no/such/ffmpeg' }),
    )
    expect(`${code}: ${message} ${hint}`).toMatchInlineSnapshot(
      `"audio/no-ffmpeg: "song.m4a" is an MP4 or M4A file, which is not decoded here. ffmpeg ("/no/such/ffmpeg") may decode it, but there is none. Install ffmpeg so that the command "ffmpeg" runs, or convert the file where there is one: ffmpeg -i FILE -c:a pcm_s16le out.wav"`,
    )
    expect(leftBehind()).toEqual([])
  })

  it('reads what ffmpeg writes, and hands it a copy under a plain name that is gone afterwards', async () => {
    const wav = Buffer.from(encodeWavPcm16(Float32Array.of(0.25, 0.5, -0.5), 22050)).toString('hex')
    const ffmpeg = standIn(`
      const input = process.argv[process.argv.indexOf('-i') + 1]
      const bytes = require('fs').readFileSync(input.slice('file:'.length))
      console.error('whitelist', process.argv[process.argv.indexOf('-protocol_whitelist') + 1], bytes.length, input)
      process.stdout.write(Buffer.from('${wav}', 'hex'))
    `)
    const { samples, sampleRate, format, warnings } = await decode(M4A, { name: 'song.m4a', ffmpeg })
    expect([...samples]).toEqual([8192, 16384, -16384])
    expect(sampleRate).toBe(22050)
    expect(format).toEqual({ container: 'other', codec: 'other' })
    expect(warnings).toEqual([
      `"song.m4a" was decoded by ffmpeg, which says: whitelist file ${M4A.length} "song.m4a"`,
    ])
    expect(leftBehind()).toEqual([])
  })

  it('gives up on an ffmpeg that fails, crashes or does not end', async () => {
    const sentences = []
    for (const [i, script] of [
      `console.error('Invalid data found'); process.exit(1)`,
      `process.kill(process.pid, 'SIGSEGV'); setTimeout(() => {}, 9000)`,
      'setTimeout(() => {}, 60_000)',
      '',
    ].entries()) {
      const timeLimitMs = i === 2 ? 300 : 60_000
      const { code, message } = await errorOf(
        decode(M4A, { name: 'a.m4a', ffmpeg: standIn(script), timeLimitMs }),
      )
      sentences.push(`${code}: ${message}`)
    }
    expect(sentences).toMatchInlineSnapshot(`
      [
        "audio/ffmpeg-failed: "a.m4a" is an MP4 or M4A file, which is not decoded here. Nor can ffmpeg decode it: Invalid data found.",
        "audio/ffmpeg-failed: "a.m4a" is an MP4 or M4A file, which is not decoded here. Nor can ffmpeg decode it: it crashed (SIGSEGV).",
        "audio/ffmpeg-too-slow: ffmpeg did not decode "a.m4a" within 0.3 s, or was ended by someone else.",
        "audio/ffmpeg-failed: "a.m4a" is an MP4 or M4A file, which is not decoded here. Nor can ffmpeg decode it: it finds no sound in it.",
      ]
    `)
    expect(leftBehind()).toEqual([])
  })

  it('ends ffmpeg when it is told to stop', async () => {
    const stop = new AbortController()
    const decoding = decode(M4A, { ffmpeg: standIn('setTimeout(() => {}, 60_000)'), signal: stop.signal })
    setTimeout(() => stop.abort(new Error('enough')), 200)
    await expect(decoding).rejects.toThrow('enough')
    expect(leftBehind()).toEqual([])
  })

  it('leaves ffmpeg in the middle of a file of which it has enough', async () => {
    const ffmpeg = standIn(`
      const header = Buffer.from('${Buffer.from(encodeWavPcm16(new Float32Array(1), 8000)).toString('hex')}', 'hex')
      header.writeUInt32LE(0xffffffff, 40)
      process.stdout.write(header)
      const more = () => process.stdout.write(Buffer.alloc(65536), more)
      more()
    `)
    const { samples } = await decode(M4A, { ffmpeg, maxDurationSec: 10 })
    expect(samples.length).toBe(80_000)
  })
})

describe.skipIf(!hasFfmpeg)('decodeSource with ffmpeg (skipped without ffmpeg)', () => {
  it.each([
    ['AAC in MP4', ['-c:a', 'aac', '-f', 'ipod']],
    ['Opus in WebM', ['-c:a', 'libopus', '-f', 'webm']],
    ['WMA', ['-c:a', 'wmav2', '-f', 'asf']],
    ['AC-3', ['-c:a', 'ac3', '-f', 'ac3']],
    ['FLAC in Ogg', ['-c:a', 'flac', '-f', 'ogg']],
    ['IMA ADPCM in wav', ['-c:a', 'adpcm_ima_wav', '-f', 'wav']],
    ['Core Audio', ['-c:a', 'pcm_s16le', '-f', 'caf']],
  ])('decodes %s', async (_, args) => {
    const { samples, sampleRate } = await decode(soundFile(args, tempDir))
    expect(samples.length / sampleRate).toBeGreaterThan(0.45)
    expect(samples.length / sampleRate).toBeLessThan(0.6)
    // Half a second of a sine at 0.5, give or take a block: the encoders keep its level within a few per cent.
    const rms = Math.sqrt(samples.reduce((sum, value) => sum + value * value, 0) / samples.length) / 32768
    expect(rms).toBeGreaterThan(0.3)
    expect(rms).toBeLessThan(0.4)
    expect(leftBehind()).toEqual([])
  })

  it('stops at the wanted length', async () => {
    const { samples, sampleRate } = await decode(soundFile(['-c:a', 'aac', '-f', 'ipod'], tempDir), {
      maxDurationSec: 0.1,
    })
    expect(samples.length).toBe(Math.ceil(0.1 * sampleRate))
  })

  it('lets no playlist name other files of this machine', async () => {
    const secret = join(tempDir, 'secret.wav')
    writeFileSync(secret, encodeWavPcm16(new Float32Array(8000).fill(0.5), 8000))
    for (const playlist of [
      `\0ffconcat version 1.0\nfile ${secret}\n`.slice(1),
      `#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n${secret}\n#EXT-X-ENDLIST\n`,
    ]) {
      expect((await errorOf(decode(Buffer.from(playlist)))).code).toBe('audio/not-audio')
      // One byte that is no text, so that it is not refused for being text.
      const disguised = Buffer.concat([Buffer.from(playlist), Buffer.from([0x80])])
      expect((await errorOf(decode(disguised))).code).toMatch(/^audio\/(ffmpeg-failed|not-audio)$/)
    }
  })

  it('quotes ffmpeg about a file that it cannot decode either', async () => {
    const { message } = await errorOf(decode(M4A, { name: 'song.m4a' }))
    expect(message).toContain(
      '"song.m4a" is an MP4 or M4A file, which is not decoded here. Nor can ffmpeg decode it:',
    )
    expect(message).not.toContain(tempDir)
  })
})
