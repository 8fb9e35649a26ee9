/** What a task sees of its sources, from texts in memory, from recorded listings and from small archives. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { list } from 'tar'
import yauzl from 'yauzl'
import { decodeWav } from '../src/audio/decode-wav.js'
import { compareCodePoints } from '../src/store/label-files.js'
import type { Source, SourceFiles } from '../src/tasks/task.js'

/** Sources whose files are texts or bytes; null stands for a file that is only listed. */
export function memorySources(contents: Readonly<Record<string, string | Uint8Array | null>>): SourceFiles {
  const bytes = (path: string): Uint8Array => {
    const content = contents[path]
    if (content === undefined || content === null) throw new Error(`nothing recorded of ${path}`)
    return typeof content === 'string' ? new TextEncoder().encode(content) : content
  }
  return {
    paths: Object.keys(contents),
    has: (path) => Object.hasOwn(contents, path),
    text: async (path) => new TextDecoder().decode(bytes(path)),
    bytes: async (path) => bytes(path),
    audio: async (path) => decodeWav(bytes(path), path),
  }
}

/**
 * The sources of a recorded full-size run: `archive_files.txt.gz` lists every file and `inputs.tar.gz` holds those that
 * are read, or `archive_wavs.txt.gz` lists the audio of a task that reads nothing. Undefined where neither was kept.
 */
export function recordedSources(dir: string): SourceFiles | undefined {
  const listing = ['archive_files.txt.gz', 'archive_wavs.txt.gz'].find((name) => existsSync(join(dir, name)))
  if (listing === undefined) return undefined
  const paths = gunzipSync(readFileSync(join(dir, listing)))
    .toString()
    .split('\n')
  const contents: Record<string, Uint8Array | null> = {}
  for (const path of paths.filter((line) => line !== '')) contents[path] = null
  const inputs = join(dir, 'inputs.tar.gz')
  if (existsSync(inputs))
    list({
      file: inputs,
      sync: true,
      onReadEntry: (entry) => {
        const chunks: Buffer[] = []
        entry.on('data', (chunk: Buffer) => chunks.push(chunk))
        entry.on('end', () => {
          if (entry.type === 'File') contents[entry.path] = Buffer.concat(chunks)
        })
      },
    })
  return memorySources(contents)
}

/** Contents of zip archives in a folder, under the keys of their sources. Undefined for an archive that is not there. */
export async function zipContents(
  source: Source,
  folder: string,
): Promise<Record<string, Uint8Array> | undefined> {
  if (!('url' in source)) return undefined
  const file = join(folder, new URL(source.url).pathname.split('/').at(-1)!)
  if (!existsSync(file)) return undefined
  const key = [source.split, source.name].filter((part) => part !== undefined).join('/')
  const zip = await yauzl.openPromise(file, { lazyEntries: true })
  const contents: Record<string, Uint8Array> = {}
  for await (const entry of zip.eachEntry()) {
    if (entry.fileName.endsWith('/')) continue
    const chunks: Buffer[] = []
    for await (const chunk of await zip.openReadStreamPromise(entry)) chunks.push(chunk as Buffer)
    contents[`${key}/${entry.fileName}`] = Buffer.concat(chunks)
  }
  return Object.fromEntries(Object.entries(contents).sort(([a], [b]) => compareCodePoints(a, b)))
}
