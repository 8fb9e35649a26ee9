import { createRequire } from 'node:module'
import { basename, dirname } from 'node:path'
import { parentPort, workerData } from 'node:worker_threads'
import type { FileSystem, FSStream, SevenZipModuleFactory } from '7z-wasm'
import type { SevenZipJob, SevenZipMessage } from './seven-zip-process.js'

const port = parentPort
if (port === null) throw new Error('seven-zip-worker runs only as a worker thread')
const { path, names, unreadBytes } = workerData as SevenZipJob
const post = (message: SevenZipMessage, transfer: ArrayBuffer[] = []) => port.postMessage(message, transfer)

/** What 7-Zip's file system has beside its published types. */
interface DeviceFileSystem extends FileSystem {
  streams: (FSStream | null)[]
  registerDevice(
    device: number,
    operations: {
      open(stream: object): void
      write(stream: object, memory: Int8Array, offset: number, length: number): number
    },
  ): void
}

/** Bytes under way to the reader, at most; then 7-Zip waits. */
const MOST_UNREAD_BYTES = 8 * 2 ** 20

/** What 7-Zip prints, byte by byte: a listing may have a hundred million of them. */
class Printed {
  private bytes = new Uint8Array(2 ** 16)
  private nBytes = 0

  add(byte: number): void {
    if (this.nBytes === this.bytes.byteLength) {
      const larger = new Uint8Array(2 * this.nBytes)
      larger.set(this.bytes)
      this.bytes = larger
    }
    this.bytes[this.nBytes++] = byte
  }

  text(): string {
    return new TextDecoder().decode(this.bytes.subarray(0, this.nBytes))
  }
}

const output = new Printed()
const errors = new Printed()
// The package is CommonJS with types of a module, so it is loaded as what it is.
const startSevenZip: SevenZipModuleFactory = createRequire(import.meta.url)('7z-wasm')
const sevenZip = await startSevenZip({
  stdin: () => null as unknown as number,
  stdout: (byte) => output.add(byte),
  stderr: (byte) => errors.add(byte),
  quit: () => {},
})
const files = sevenZip.FS as DeviceFileSystem
// The one folder of the real disk that it sees; it is only read from.
files.mkdir('/in')
files.mount(sevenZip.NODEFS, { root: dirname(path) }, '/in')
const archive = `/in/${basename(path)}`
// An empty password, so that an encrypted archive fails where it would ask.
const options = ['-p', '-sccUTF-8', '-bd']
let code: number | undefined
if (names === undefined) {
  code = run(['l', '-slt', '-ba', ...options, '--', archive])
} else {
  files.writeFile('/names', names.join('\n'))
  standardOutputToPort()
  code = run(['x', '-so', '-spd', '-ssc', '-scsUTF-8', ...options, '-i@/names', '--', archive])
}
post({ kind: 'end', code, output: output.text(), errors: errors.text() })

function run(args: string[]): number | undefined {
  try {
    return (sevenZip.callMain as (args: string[]) => unknown)(args) as number
  } catch (error) {
    for (const byte of Buffer.from(String(error))) errors.add(byte)
    return undefined
  }
}

/** 7-Zip writes members one after the other to its standard output: here a device that hands on whole blocks. */
function standardOutputToPort(): void {
  const device = (64 << 8) | 1
  files.registerDevice(device, {
    open() {},
    write(_stream, memory, offset, length) {
      const bytes = new Uint8Array(length)
      bytes.set(memory.subarray(offset, offset + length))
      let unread = Atomics.load(unreadBytes, 0)
      while (unread > MOST_UNREAD_BYTES) {
        Atomics.wait(unreadBytes, 0, unread)
        unread = Atomics.load(unreadBytes, 0)
      }
      Atomics.add(unreadBytes, 0, length)
      post({ kind: 'bytes', bytes }, [bytes.buffer])
      return length
    },
  })
  files.mkdev('/dev/members', device)
  files.close(files.streams[1] as FSStream)
  const { fd } = files.open('/dev/members', 'w') as FSStream & { fd: number }
  if (fd !== 1) throw new Error(`the standard output of 7-Zip became ${fd}`)
}
