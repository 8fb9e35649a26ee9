import { HearError } from '../base/errors.js'
import type { Tensor } from './contract.js'

/**
 * The number of sounds and of samples of each, of audio [nSounds, nSamples].
 * @throws HearError when audio has another rank, or not as many samples as its dims say.
 */
export function audioShape({ data, dims }: Tensor): { nSounds: number; nSamples: number } {
  const [nSounds, nSamples] = dims
  if (dims.length !== 2 || nSounds * nSamples !== data.length)
    throw new HearError(
      'model/audio-shape',
      `Expected audio of shape [nSounds, nSamples], got dims [${dims.join(', ')}] with ${data.length} samples.`,
      { hint: 'Give mono sounds of one length, one behind the other.' },
    )
  return { nSounds, nSamples }
}
