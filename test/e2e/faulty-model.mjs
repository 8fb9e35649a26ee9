// A process with a model that goes wrong as its name says, for model-process.test.ts.
import { execFile, spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { serveModel } from '../../dist/cli/validate/serve-model.js'

const held = []

/** Writes down its process id, and our own. */
function startAnother() {
  const { pid } = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' })
  writeFileSync(process.env.HEAR_TEST_PID_FILE, `${pid} ${process.pid}\n`)
}

/** What happens when scenes are embedded. */
const FAULTS = {
  aborts: () => process.abort(),
  exits: () => process.exit(7),
  hangs: () => {
    for (;;);
  },
  waits: () => new Promise(() => {}),
  grows: () => {
    for (;;) held.push(Buffer.alloc(64 * 2 ** 20, 1))
  },
  'starts a process that grows': () => {
    execFile(process.execPath, [
      '-e',
      'const h = []; setInterval(() => h.push(Buffer.alloc(64 * 2 ** 20, 1)), 20)',
    ])
    return new Promise(() => {})
  },
  'starts another and crashes': () => {
    startAnother()
    process.abort()
  },
  'starts another and hangs': () => {
    startAnother()
    for (;;);
  },
  'throws later': () => {
    setTimeout(() => {
      throw new Error('thrown with nobody to catch it')
    })
    return new Promise(() => {})
  },
  talks: () => {
    console.log('{"id": 0}')
    console.error('a warning')
  },
}

serveModel(async (name) => ({
  module: {
    loadModel: () => undefined,
    getTimestampEmbeddings: () => undefined,
    async getSceneEmbeddings({ dims }) {
      await FAULTS[name]()
      return { data: new Float32Array(dims[0]), dims: [dims[0], 1] }
    },
  },
  model: { sampleRate: 16000, sceneEmbeddingSize: 1, timestampEmbeddingSize: 1 },
  identity: { name, weightsHash: '', options: {} },
  declares: {},
  close: async () => {},
}))
