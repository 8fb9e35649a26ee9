import { decodeWav } from '../../audio/decode-wav.js'
import { identifyFile } from '../../audio/identify-file.js'
import { decodeSource } from './decode-source.js'

/**
 * A recording as mono float samples within [-1, 1] at its own rate, for tasks that look into the audio: a wav with all
 * its bits, channels averaged; anything else by way of 16 bits.
 * @throws HearError as decodeWav and decodeSource do
 */
export async function decodeToFloat(
  name: string,
  bytes: Uint8Array,
): Promise<{ sampleRate: number; samples: Float32Array }> {
  if (identifyFile(bytes).kind === 'wav') {
    const { sampleRate, samples } = decodeWav(bytes, name)
    return { sampleRate, samples }
  }
  const { sampleRate, samples } = await decodeSource(once(bytes), { name })
  return { sampleRate, samples: Float32Array.from(samples, (sample) => sample / 32768) }
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}
