import { createHash } from 'node:crypto'
import { decodeWav } from '../audio/decode-wav.js'
import { HearError } from '../base/errors.js'
import { clipPath, readClipBytes, type TaskFolder } from '../store/task-folder.js'

/** A clip's audio, and a hash of the file it came from. */
export interface LoadedClip {
  readonly clip: string
  readonly samples: Float32Array
  /** SHA-256 of the file's bytes, in hexadecimal. */
  readonly hash: string
}

/**
 * Reads and decodes the audio of a clip.
 *
 * @throws HearError naming the file when it is missing, no wav, without samples, not finite, or of another rate
 * than its folder's name.
 */
export async function loadClip(
  task: Pick<TaskFolder, 'dir'>,
  sampleRate: number,
  split: string,
  clip: string,
): Promise<LoadedClip> {
  const path = clipPath(task, sampleRate, split, clip)
  const bytes = await readAudio(task, sampleRate, split, clip)
  const audio = decodeWav(bytes, path)
  if (audio.sampleRate !== sampleRate)
    throw new HearError(
      'embed/sample-rate',
      `"${path}" has a sample rate of ${audio.sampleRate} Hz; expected ${sampleRate} Hz, the name of its folder.`,
      { hint: 'Prepare the task again; resampled audio belongs into the folder of its own rate.' },
    )
  return { clip, samples: audio.samples, hash: sha256(bytes) }
}

/** Hash of a clip's file, without decoding it. @throws HearError when the file cannot be read. */
export async function hashClip(
  task: Pick<TaskFolder, 'dir'>,
  sampleRate: number,
  split: string,
  clip: string,
): Promise<string> {
  return sha256(await readAudio(task, sampleRate, split, clip))
}

/** A clip that is named but not there is a matter of the task folder, not of a misspelt path. */
async function readAudio(
  task: Pick<TaskFolder, 'dir'>,
  sampleRate: number,
  split: string,
  clip: string,
): Promise<Uint8Array> {
  try {
    return await readClipBytes(task, sampleRate, split, clip)
  } catch (error) {
    if (!(error instanceof HearError) || error.code !== 'store/file-missing') throw error
    throw new HearError(
      'embed/audio-missing',
      `"${clipPath(task, sampleRate, split, clip)}" is missing, but ${split}.json names the clip "${clip}".`,
      { hint: 'Extract the archive of this rate again, or prepare the task again.', cause: error },
    )
  }
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
