import { randomBytes } from 'node:crypto'
import { open, readFile, rename, rm, stat, utimes } from 'node:fs/promises'
import { HearError } from '../../base/errors.js'
import { withFileErrors } from '../../store/file-errors.js'
import type { Clock } from './clock.js'

const BEAT_MS = 5000
/** A holder that gave no sign of life for so long is taken for dead. */
const STALE_MS = 60_000
const POLL_MS = 1000

/**
 * Does `work` while holding the lock file `path`, so that of several programs one works and the others wait. The
 * holder renews the file's date every few seconds; a lock that was not renewed for a minute is taken over, since
 * its holder was killed. Should that one wake up again, `work` sees its signal raised.
 *
 * @param onWait called once when another program holds the lock
 */
export async function withFileLock<T>(
  path: string,
  clock: Clock,
  signal: AbortSignal | undefined,
  onWait: () => void,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const token = randomBytes(16).toString('hex')
  for (let nTries = 0; !(await acquire(path, token, clock)); nTries++) {
    if (nTries === 0) onWait()
    await clock.sleep(POLL_MS, signal)
  }
  const ended = new AbortController()
  const working = signal ? AbortSignal.any([signal, ended.signal]) : ended.signal
  const beating = keepAlive(path, token, clock, ended).catch(() => undefined)
  try {
    return await work(working)
  } finally {
    ended.abort(new Error('the work is done'))
    await beating
    if (await isHeldBy(path, token)) await rm(path, { force: true })
  }
}

async function acquire(path: string, token: string, clock: Clock): Promise<boolean> {
  try {
    const handle = await open(path, 'wx')
    await handle.writeFile(token)
    await handle.close()
    await renew(path, clock)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST')
      return withFileErrors('write', path, () => Promise.reject(error))
  }
  const renewedMs = await stat(path).then(
    ({ mtimeMs }) => mtimeMs,
    () => undefined,
  )
  if (renewedMs !== undefined && clock.now() - renewedMs > STALE_MS) {
    // Of several that see it stale, the one whose rename succeeds removes it; then all try again.
    const aside = `${path}.${token}`
    await rename(path, aside).then(
      () => rm(aside, { force: true }),
      () => undefined,
    )
  }
  return false
}

async function keepAlive(path: string, token: string, clock: Clock, ended: AbortController): Promise<void> {
  for (;;) {
    await clock.sleep(BEAT_MS, ended.signal)
    if (!(await isHeldBy(path, token)))
      ended.abort(
        new HearError('source/lock-lost', `Another program has taken over the lock "${path}".`, {
          hint: 'This one was asleep for more than a minute: run the same command again.',
        }),
      )
    await renew(path, clock)
  }
}

async function renew(path: string, clock: Clock): Promise<void> {
  const seconds = clock.now() / 1000
  await utimes(path, seconds, seconds)
}

async function isHeldBy(path: string, token: string): Promise<boolean> {
  return (await readFile(path, 'utf8').catch(() => undefined)) === token
}
