import type { SourceFiles } from './task.js'

/** Name of a file, without its folders. */
export function fileName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

/**
 * Name of a file without its folders and its last suffix. A dot at either end of the name begins no suffix:
 * `.hidden` and `a.` stay as they are.
 * Source: Python's pathlib, `PurePath.stem`.
 */
export function fileStem(path: string): string {
  const name = fileName(path)
  const dot = name.lastIndexOf('.')
  return dot > 0 && dot < name.length - 1 ? name.slice(0, dot) : name
}

/** Name of the folder that holds a file; empty for a file in none. */
export function folderName(path: string): string {
  const folder = path.slice(0, Math.max(0, path.lastIndexOf('/')))
  return fileName(folder)
}

/**
 * The `.wav` files under a folder, at any depth, in the order of `files.paths`. The suffix is taken as written (`.WAV`
 * is another), and hidden files count too, as in Python's `rglob('*.wav')`: HEAR would take a Mac's `._x.wav` for a clip
 * and then fail to convert it. None of the archives seen holds any where its task looks; one that did is refused when
 * it is decoded.
 */
export function wavsUnder(files: SourceFiles, folder: string): string[] {
  return files.paths.filter((path) => path.startsWith(`${folder}/`) && path.endsWith('.wav'))
}

/** The `.wav` files directly in a folder, as Python's `glob('*.wav')` finds them. */
export function wavsIn(files: SourceFiles, folder: string): string[] {
  return wavsUnder(files, folder).filter((path) => !path.includes('/', folder.length + 1))
}
