import { open, stat } from 'node:fs/promises'
import { readWavHeader } from '../../audio/wav-format.js'
import { clipPath, type TaskFolder } from '../../store/task-folder.js'

/** Enough for the chunks before the samples of nearly every file. */
const HEADER_BYTES = 2 ** 16

/**
 * How many samples each clip holds at a rate, by `<split>/<clip>`, as the headers and sizes of the files tell; undefined
 * for a file that is not there, is no wav or is sampled at another rate.
 */
export async function rateLengths(
  task: TaskFolder,
  sampleRate: number,
  onClip: () => void,
  signal?: AbortSignal,
): Promise<Map<string, number | undefined>> {
  const lengths = new Map<string, number | undefined>()
  for (const [split, { clips }] of task.splits)
    for (const clip of clips.keys()) {
      signal?.throwIfAborted()
      const path = clipPath(task, sampleRate, split, clip)
      lengths.set(`${split}/${clip}`, await samplesIn(path, sampleRate).catch(() => undefined))
      onClip()
    }
  return lengths
}

async function samplesIn(path: string, sampleRate: number): Promise<number | undefined> {
  const file = await open(path)
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(HEADER_BYTES), 0, HEADER_BYTES, 0)
    const { size } = await stat(path)
    const header = readWavHeader(buffer.subarray(0, bytesRead), path, bytesRead === size)
    if (header === undefined || header.sampleRate !== sampleRate) return undefined
    const bytes = Math.min(header.dataBytes || size, size - header.dataOffset)
    return Math.floor(bytes / (header.encoding.bytesPerSample * header.channels))
  } finally {
    await file.close()
  }
}
