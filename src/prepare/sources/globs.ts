/**
 * Makes a test of paths from globs: `*` stands for any characters within a folder, a part `**` for any folders or
 * none; everything else stands for itself. A path passes when any of the globs fits the whole of it; without
 * globs none does.
 */
export function matchesAny(globs: readonly string[]): (path: string) => boolean {
  const patterns = globs.map((glob) => {
    const source = glob
      .split(/(\*\*\/|\*\*|\*)/)
      .map((part) => {
        if (part === '**/') return '(?:.*/)?'
        if (part === '**') return '.*'
        if (part === '*') return '[^/]*'
        return part.replace(/[\\^$.|?+()[\]{}]/g, '\\$&')
      })
      .join('')
    return new RegExp(`^${source}$`, 'su')
  })
  return (path) => patterns.some((pattern) => pattern.test(path))
}
