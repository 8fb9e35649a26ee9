import type { SourceFiles } from '../src/tasks/task.js'

/** What a file of a made-up source holds; null for one that is listed and never read. */
type Content = string | Uint8Array | { sampleRate: number; samples: Float32Array } | null

/** Source files that lie in memory, by path, in the order given. */
export function sourceFilesOf(contents: Readonly<Record<string, Content>>): SourceFiles {
  const found = <T>(path: string, wanted: (content: Content) => content is Content & T): T => {
    const content = contents[path]
    if (content === undefined || !wanted(content)) throw new Error(`nothing of the kind at "${path}"`)
    return content
  }
  return {
    paths: Object.keys(contents),
    has: (path) => path in contents,
    text: async (path) => found(path, (content) => typeof content === 'string'),
    bytes: async (path) => found(path, (content) => content instanceof Uint8Array),
    audio: async (path) =>
      found(
        path,
        (content): content is { sampleRate: number; samples: Float32Array } =>
          typeof content === 'object' && content !== null && 'samples' in content,
      ),
  }
}
