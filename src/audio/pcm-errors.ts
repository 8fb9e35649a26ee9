import { HearError } from '../base/errors.js'
import type { PcmHeader } from './pcm-header.js'

type Container = PcmHeader['container']

/** What to do with a file that only other programs read. */
export const convertHint = (name: string): string => `Convert it: ffmpeg -i "${name}" -c:a pcm_s16le out.wav`

/** The header or a chunk before the samples is not there in full. */
export function cutOff(name: string, container: Container, what: string): HearError {
  return new HearError('audio/truncated', `"${name}" is a damaged ${container} file: ${what}.`, {
    hint: 'Fetch or write the file again.',
  })
}

/** A sound file without sound. */
export function noSamples(name: string, kind: string): HearError {
  return new HearError('audio/no-samples', `"${name}" is a ${kind} file without samples.`, {
    hint: 'Leave it out of the task, or replace it by a recording that has sound.',
  })
}

/** A sound file that this program does not decode, but ffmpeg may: `what` completes "it holds". */
export function unsupportedEncoding(name: string, container: Container, what: string): HearError {
  return new HearError(
    'audio/unsupported-encoding',
    `"${name}" holds ${what}; ${container} files are read with integer (8, 16, 24, 32 bits), float (32, 64 bits), mu-law or A-law samples.`,
    { hint: convertHint(name) },
  )
}
