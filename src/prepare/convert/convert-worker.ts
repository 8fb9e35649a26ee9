import { parentPort, workerData } from 'node:worker_threads'
import { HearError } from '../../base/errors.js'
import type { ConversionJob, ConversionSettings } from './conversion.js'
import { createFileConverter } from './convert-file.js'
import type { FromConverter, ToConverter } from './convert-pool.js'

// One thread of the conversion pool: takes a file piece by piece, writes its clips, answers, waits for the next.

const port = parentPort
if (port === null) throw new Error('convert-worker runs only as a worker thread')
const post = (message: FromConverter) => port.postMessage(message)
const convertFile = createFileConverter(workerData as ConversionSettings)

/** Pieces that arrived and were not read yet; null after the last. */
let pieces: (Uint8Array | null)[] = []
let arrived: () => void = () => {}

async function* chunks(): AsyncGenerator<Uint8Array> {
  try {
    for (;;) {
      while (pieces.length === 0)
        await new Promise<void>((resolve) => {
          arrived = resolve
        })
      const piece = pieces.shift() as Uint8Array | null
      if (piece === null) return
      post({ kind: 'took' })
      yield piece
    }
  } finally {
    post({ kind: 'enough' })
  }
}

async function run(job: ConversionJob): Promise<void> {
  try {
    post({ kind: 'done', clips: await convertFile(job, chunks()) })
  } catch (error) {
    if (!(error instanceof HearError)) throw error
    const { code, message, hint } = error
    post({ kind: 'refused', code, message, hint })
  }
}

port.on('message', (message: ToConverter) => {
  if (message.kind === 'begin') {
    // What was still on its way for the file before is not this one's.
    pieces = []
    void run(message.job)
  } else {
    pieces.push(message.kind === 'end' ? null : message.bytes)
    arrived()
  }
})
