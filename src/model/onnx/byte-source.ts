import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'
import { HearError } from '../../base/errors.js'
import { fileError } from '../../store/file-errors.js'

/** A file that can be looked at anywhere without being in memory. */
export interface ByteSource {
  /** For messages. */
  readonly path: string
  readonly size: number
  /** Bytes [position, position + length), which lie within the file; valid until the next call. */
  read(position: number, length: number): Uint8Array
}

/** Read at once: a graph is read mostly in order, field by field. */
const WINDOW_BYTES = 64 * 1024

/**
 * Opens a file for `work` and closes it afterwards.
 *
 * @throws HearError naming the file when it cannot be read, or is no ordinary file.
 */
export function withFileBytes<T>(path: string, work: (source: ByteSource) => T): T {
  try {
    // Without waiting, where the path is a pipe that nobody writes to; Windows has none.
    const handle = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
    try {
      const stat = fstatSync(handle)
      if (!stat.isFile())
        throw new HearError('store/not-a-file', `Cannot read "${path}": it is not a file.`, {
          hint: 'Give the path of a file.',
        })
      return work(windowed(path, handle, stat.size))
    } finally {
      closeSync(handle)
    }
  } catch (error) {
    throw fileError(error, 'read', path)
  }
}

function windowed(path: string, handle: number, size: number): ByteSource {
  const window = new Uint8Array(WINDOW_BYTES)
  let windowAt = 0
  let windowLength = 0
  return {
    path,
    size,
    read(position, length) {
      if (position >= windowAt && position + length <= windowAt + windowLength)
        return window.subarray(position - windowAt, position - windowAt + length)
      const target = length > WINDOW_BYTES ? new Uint8Array(length) : window
      const wanted = Math.min(target.length, size - position)
      let done = 0
      while (done < wanted) {
        const count = readSync(handle, target, done, wanted - done, position + done)
        if (count === 0) break
        done += count
      }
      if (done < length)
        throw new HearError('model/onnx-truncated', `"${path}" became shorter while it was read.`, {
          hint: 'Another program writes to it; run again when that has finished.',
        })
      if (target === window) {
        windowAt = position
        windowLength = done
      }
      return target.subarray(0, length)
    },
  }
}
