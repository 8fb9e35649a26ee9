import { HearError } from '../../base/errors.js'

/** File systems take 255; the cache adds suffixes to the name. */
const MOST_BYTES = 200

/**
 * The name under which an archive is kept: the last part of the URL's path, without query and fragment, with its
 * percent signs left as they are.
 *
 * @throws HearError for a text that is no http(s) URL, or whose path ends in no name
 *
 * Source: hear-preprocess 610d864, pipeline.py, `os.path.basename(urlparse(url).path)`.
 */
export function archiveFileName(url: string): string {
  httpUrl(url)
  const path = url.replace(/[?#].*$/s, '').replace(/^[^/]*\/\/[^/]*/, '')
  const name = path.split('/').at(-1) as string
  // What other systems, or a terminal, would read as something else than a name.
  const odd = name === '.' || name === '..' || /[\\:\p{Cc}]/u.test(name)
  if (name !== '' && !odd && Buffer.byteLength(name) <= MOST_BYTES) return name
  throw new HearError(
    'source/bad-url',
    `The address "${url}" names no file: expected a path that ends in a file name of at most ${MOST_BYTES} bytes, without ":" and "\\".`,
    { hint: 'Give the address of the archive itself.' },
  )
}

/** Parses an address. @throws HearError for anything but http and https */
export function httpUrl(url: string): URL {
  const parsed = URL.canParse(url) ? new URL(url) : undefined
  if (parsed?.protocol === 'http:' || parsed?.protocol === 'https:') return parsed
  throw new HearError('source/bad-url', `"${url}" is no address that hear can download from.`, {
    hint: 'Give an address that begins with http:// or https://.',
  })
}
