import { HearError } from '../../base/errors.js'

/**
 * The name under which an archive is kept: the last part of the URL's path, without query and fragment, with its
 * percent signs left as they are.
 *
 * @throws HearError for a text that is no http(s) URL, or whose path ends in no name
 *
 * Source: hear-preprocess 610d864, pipeline.py, `os.path.basename(urlparse(url).path)`.
 */
export function archiveFileName(url: string): string {
  const name = httpUrl(url).pathname.split('/').at(-1) as string
  // A URL's path cannot hold `..` any more, but it may hold what other systems read as a path.
  if (name === '' || name === '.' || /[\\:]/.test(name) || name.length > 200)
    throw new HearError(
      'source/bad-url',
      `The address "${url}" names no file: expected a path that ends in a file name of at most 200 characters, without ":" and "\\".`,
      { hint: 'Give the address of the archive itself.' },
    )
  return name
}

/** Parses an address. @throws HearError for anything but http and https */
export function httpUrl(url: string): URL {
  const parsed = URL.canParse(url) ? new URL(url) : undefined
  if (parsed?.protocol === 'http:' || parsed?.protocol === 'https:') return parsed
  throw new HearError('source/bad-url', `"${url}" is no address that hear can download from.`, {
    hint: 'Give an address that begins with http:// or https://.',
  })
}
