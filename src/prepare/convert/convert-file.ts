import { createHash } from 'node:crypto'
import { closeSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { wavHeader } from '../../audio/encode-wav.js'
import { createResampler, type Resampler } from '../../audio/resample.js'
import { trimOrPad } from '../../audio/trim-or-pad.js'
import { HearError } from '../../base/errors.js'
import { withFileErrors } from '../../store/file-errors.js'
import { decodeSource } from '../decode/decode-source.js'
import { resampleWithFfmpeg } from '../decode/ffmpeg-resample.js'
import type { ClipTarget, ConversionJob, ConversionSettings, ConvertedClip } from './conversion.js'

/** At up to 4 MiB each; a corpus of one rate needs four. */
const RESAMPLERS_KEPT = 16

/** Resamples one clip; samples at the wanted rate already are given back as they are. */
type Resample = (samples: Int16Array, fromHz: number, toHz: number) => Promise<Int16Array>

/**
 * What turns source files into clips: decoded to mono 16-bit samples, cut or padded to the task's duration, resampled
 * to each rate, written as `<dir>/<rate>/<split>/<file name>`. The order of the steps is hear-preprocess's, so clips
 * whose source has the rate already are the same samples there and here.
 *
 * @returns a function from a file's bytes to what was written; it throws HearError naming the file for audio that
 *   cannot be decoded, a cut beyond its end, and when the disk refuses
 * Source: hear-preprocess 2021.1.1, hearpreprocess/util/audio.py (mono_wav, trim_pad_wav, resample_wav).
 */
export function createFileConverter(settings: ConversionSettings) {
  const resample = resamplerOf(settings)
  return async (job: ConversionJob, chunks: AsyncIterable<Uint8Array>): Promise<ConvertedClip[]> => {
    const { path, clips } = job
    const isCut = clips.some(({ cut }) => cut !== undefined)
    const maxDurationSec = isCut ? undefined : (settings.sampleDurationSec ?? undefined)
    const { sampleRate, samples, warnings } = await decodeSource(chunks, { name: path, maxDurationSec })
    const converted: ConvertedClip[] = []
    for (const clip of clips) {
      const piece = pieceOf(samples, clip, path)
      const whole =
        settings.sampleDurationSec === null ? piece : trimOrPad(piece, sampleRate, settings.sampleDurationSec)
      const sha256: Record<string, string> = {}
      for (const rate of job.sampleRates) {
        const pcm = await resample(whole, sampleRate, rate)
        const file = join(settings.dir, String(rate), clip.split, clip.fileName)
        sha256[rate] = await writeWav(file, pcm, rate)
      }
      converted.push({ split: clip.split, fileName: clip.fileName, sha256, warnings })
    }
    return converted
  }
}

function resamplerOf({ resampler }: ConversionSettings): Resample {
  // Of 44101 Hz and the like there may be many in one corpus, of others a handful: the last ones used are kept.
  const kept = new Map<string, Resampler>()
  return async (samples, fromHz, toHz) => {
    if (fromHz === toHz) return samples
    if (resampler === 'ffmpeg') return resampleWithFfmpeg(samples, fromHz, toHz)
    const pair = `${fromHz}/${toHz}`
    const own = kept.get(pair) ?? createResampler(fromHz, toHz)
    kept.delete(pair)
    kept.set(pair, own)
    if (kept.size > RESAMPLERS_KEPT) kept.delete([...kept.keys()][0])
    return own.resample(samples)
  }
}

/** Header and samples go out as they lie, since a copy of twenty minutes is 100 MB. @returns the file's SHA-256 */
async function writeWav(path: string, pcm: Int16Array, sampleRate: number): Promise<string> {
  const header = wavHeader(pcm.length, sampleRate)
  // Node runs on little-endian machines only, and so is wav.
  const data = new Uint8Array(pcm.buffer, pcm.byteOffset, pcm.byteLength)
  // At once: the thread has nothing else to do, and to wait for each of five small files takes longer than to write it.
  await withFileErrors('write', path, async () => writeAtOnce(path, [header, data]))
  return createHash('sha256').update(header).update(data).digest('hex')
}

function writeAtOnce(path: string, parts: readonly Uint8Array[]): void {
  const file = openSync(path, 'w')
  try {
    for (const part of parts)
      for (let done = 0; done < part.length; ) done += writeSync(file, part, done, part.length - done)
  } finally {
    closeSync(file)
  }
}

function pieceOf(samples: Int16Array, { cut, fileName }: ClipTarget, path: string): Int16Array {
  if (cut === undefined) return samples
  const end = cut.startSample + cut.nSamples
  if (cut.startSample >= 0 && end <= samples.length) return samples.subarray(cut.startSample, end)
  throw new HearError(
    'prepare/cut-beyond-end',
    `"${fileName}" is samples ${cut.startSample} to ${end} of "${path}", which has ${samples.length}.`,
    { hint: 'Check that the recording is the one that the task was written for.' },
  )
}
