import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, open, rm, utimes, writeFile } from 'node:fs/promises'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  type ArchiveHost,
  answering,
  type Behaviour,
  breakingAfter,
  quickClock,
  serving,
  startHost,
} from '../../../test/archive-host.js'
import { HearError } from '../../base/errors.js'
import { type ArchiveAddress, type FetchOptions, fetchArchive } from './fetch-archive.js'
import { proxyFromEnvironment } from './proxy.js'
import type { SourceEvent } from './source-events.js'

const content = Buffer.alloc(3_000_000, 'hear the archive ')
for (let i = 0; i < content.byteLength; i += 997) content[i] = i % 251
const md5 = md5Of(content)
const sha256 = createHash('sha256').update(content).digest('hex')

/** So long that a busy machine is not taken for a host that stalls. */
const PATIENT_MS = 1e6

let dir: string
let cacheDir: string
let host: ArchiveHost
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'hear-fetch-'))
  cacheDir = join(dir, 'cache')
  host = await startHost(serving(content))
})
afterEach(async () => {
  await host.close()
  await rm(dir, { recursive: true, force: true })
})

function md5Of(bytes: Uint8Array): string {
  return createHash('md5').update(bytes).digest('hex')
}

function fetchIt(more: Partial<FetchOptions> = {}, address: Partial<ArchiveAddress> = {}) {
  const url = `${host.url}/files/corpus.zip?download=1`
  return fetchArchive({ url, md5, ...address }, { ...quickClock(), cacheDir, stallMs: PATIENT_MS, ...more })
}

async function failureOf(work: Promise<unknown>): Promise<HearError> {
  const error = await work.then(
    () => undefined,
    (reason) => reason,
  )
  expect(error).toBeInstanceOf(HearError)
  return error
}

/** Everything in the cache but what is kept for good. */
function leftovers(): string[] {
  return (readdirSync(cacheDir, { recursive: true }) as string[])
    .filter((name) => /partial|lock|tmp/.test(name))
    .sort()
}

/** Announces all, sends a little, and then nothing more. */
const silentAfterABit: Behaviour = (_request, response) => {
  response.writeHead(200, { 'content-length': content.byteLength })
  response.write(content.subarray(0, 1000))
}

const kinds = (events: readonly SourceEvent[]) => [...new Set(events.map(({ kind }) => kind))]

describe('an honest host', () => {
  it('gives the archive once, with progress, and the cache gives it afterwards', async () => {
    const events: SourceEvent[] = []
    const first = await fetchIt({ onProgress: (event) => events.push(event) })
    expect(first).toMatchObject({
      path: join(cacheDir, md5, 'corpus.zip'),
      fileName: 'corpus.zip',
      md5,
      sha256,
    })
    expect(readFileSync(first.path).equals(content)).toBe(true)
    expect(events.at(-1)).toEqual({
      kind: 'download',
      file: 'corpus.zip',
      bytes: content.byteLength,
      totalBytes: content.byteLength,
    })
    const again: SourceEvent[] = []
    expect(await fetchIt({ onProgress: (event) => again.push(event) })).toEqual(first)
    expect(host.requests).toEqual([{ path: '/files/corpus.zip?download=1', range: undefined }])
    expect(again).toEqual([])
    expect(leftovers()).toEqual([])
  })

  it('is asked by one of two programs while the other waits', async () => {
    const events: SourceEvent[] = []
    const onProgress = (event: SourceEvent) => events.push(event)
    const both = await Promise.all([fetchIt({ onProgress }), fetchIt({ onProgress })])
    expect(both[0]).toEqual(both[1])
    expect(host.requests).toHaveLength(1)
    expect(kinds(events)).toContain('wait')
  })

  it('is asked by SHA-256 alone, or by nothing at all', async () => {
    const bySha = await fetchIt({}, { md5: undefined, sha256: sha256.toUpperCase() })
    expect(bySha.path).toBe(join(cacheDir, sha256, 'corpus.zip'))
    const byNothing = await fetchIt({}, { md5: undefined })
    expect(byNothing).toMatchObject({ md5, sha256 })
    await fetchIt({}, { md5: undefined })
    expect(host.requests).toHaveLength(2)
    const both = await failureOf(fetchIt({}, { sha256: 'f'.repeat(64) }))
    expect(both.message).toContain(`has the sha256 checksum ${sha256} (3000000 bytes); expected ffff`)
  })
})

describe('a host that breaks off', () => {
  it('is asked for the rest, as often as there is progress', async () => {
    const clock = quickClock()
    host.answerWith(breakingAfter(1_200_000, content), breakingAfter(1_200_000, content), serving(content))
    const fetched = await fetchIt({ ...clock })
    expect(readFileSync(fetched.path).equals(content)).toBe(true)
    expect(host.requests.map(({ range }) => range?.replace(/\d+/, 'N'))).toEqual([
      undefined,
      'bytes=N-',
      'bytes=N-',
    ])
  })

  it('is given up in the end, and the next program goes on where it stopped', async () => {
    host.answerWith(breakingAfter(500_000, content), breakingAfter(0, content))
    const failure = await failureOf(fetchIt())
    expect(failure.code).toBe('source/unreachable')
    expect(failure.message).toMatch(/^Cannot download ".*corpus\.zip\?download=1": .*; 6 tries failed\.$/)
    expect(failure.hint).toMatch(/it continues after the \d+ bytes that came/)
    expect(leftovers()).toEqual([`${md5}/corpus.zip.partial`, `${md5}/corpus.zip.partial.json`])
    const nKept = statSync(join(cacheDir, md5, 'corpus.zip.partial')).size
    expect(nKept).toBeGreaterThan(0)
    host.answerWith(serving(content))
    expect(await fetchIt()).toMatchObject({ md5 })
    expect(host.requests.at(-1)?.range).toBe(`bytes=${nKept}-`)
    expect(leftovers()).toEqual([])
  })

  it('may have put another file in place since: If-Range makes it send all of that', async () => {
    const old = Buffer.alloc(2_000_000, 'old')
    host.answerWith(breakingAfter(600_000, old, '"old"'), serving(content, '"new"'))
    expect(await fetchIt()).toMatchObject({ md5 })
    expect(host.requests).toHaveLength(2)
    expect(host.requests[1].range).toMatch(/^bytes=/)
  })

  it('and ignores ranges is asked for all of it again', async () => {
    host.answerWith(breakingAfter(500_000, content), (_request, response) => {
      response.writeHead(200, { 'content-length': content.byteLength })
      response.end(content)
    })
    expect(await fetchIt()).toMatchObject({ md5 })
  })

  it('and answers with another range, or with 416, is asked for all of it again', async () => {
    const wrongRange = answering(206, { 'content-range': 'bytes 5-9/10', 'content-length': '5' }, 'xxxxx')
    host.answerWith(breakingAfter(500_000, content), wrongRange, serving(content))
    expect(await fetchIt()).toMatchObject({ md5 })
    await rm(cacheDir, { recursive: true })
    host.answerWith(breakingAfter(500_000, content), answering(416), serving(content))
    expect(await fetchIt()).toMatchObject({ md5 })
  })

  it('in a stream without a length is noticed too', async () => {
    host.answerWith(async (_request, response) => {
      response.writeHead(200)
      await new Promise<void>((resolve) => response.write(content.subarray(0, 100_000), () => resolve()))
      response.destroy()
    }, serving(content))
    expect(await fetchIt()).toMatchObject({ md5 })
  })

  it('after the last byte needs no other try: 416 says that all is there', async () => {
    await mkdir(join(cacheDir, md5), { recursive: true })
    await writeFile(join(cacheDir, md5, 'corpus.zip.partial'), content)
    expect(await fetchIt()).toMatchObject({ md5 })
    expect(host.requests).toEqual([
      { path: '/files/corpus.zip?download=1', range: `bytes=${content.byteLength}-` },
    ])
  })
})

describe('a host that lies', () => {
  it('about the content is found out by the checksum, and nothing of it stays', async () => {
    const other = Buffer.from('another archive')
    host.answerWith(serving(other))
    const failure = await failureOf(fetchIt())
    expect(failure.code).toBe('source/wrong-checksum')
    expect(failure.message).toBe(
      `"${host.url}/files/corpus.zip?download=1" has the md5 checksum ${md5Of(other)} (15 bytes); expected ${md5}.`,
    )
    expect(failure.hint).toContain('--source')
    expect(readdirSync(join(cacheDir, md5))).toEqual([])
    expect(host.requests).toHaveLength(1)
  })

  it('about the rest of a file is asked once more for all of it', async () => {
    await mkdir(join(cacheDir, md5), { recursive: true })
    await writeFile(join(cacheDir, md5, 'corpus.zip.partial'), Buffer.alloc(1000, 'damaged'))
    const events: SourceEvent[] = []
    expect(await fetchIt({ onProgress: (event) => events.push(event) })).toMatchObject({ md5 })
    expect(host.requests.map(({ range }) => range)).toEqual(['bytes=1000-', undefined])
    expect(events.find(({ kind }) => kind === 'retry')).toMatchObject({
      reason: 'what an earlier download left does not fit the rest',
    })
  })

  it('about the length is not believed', async () => {
    host.answerWith((_request, response) => {
      response.writeHead(200, { 'content-length': content.byteLength + 10 })
      response.end(content)
      response.socket?.end()
    })
    expect((await failureOf(fetchIt())).code).toBe('source/unreachable')
  })

  it('by sending a page in place of an archive is told so at once', async () => {
    host.answerWith(answering(200, { 'content-type': 'text/html' }, '<html><body>404</body></html>'))
    const failure = await failureOf(fetchIt())
    expect(failure.code).toBe('source/html')
    expect(failure.message).toBe(
      `"${host.url}/files/corpus.zip?download=1" gave a web page ("404"); expected the archive "corpus.zip".`,
    )
    expect(readdirSync(join(cacheDir, md5))).toEqual([])
  })

  it('by sending without end is stopped at the limit, announced or not', async () => {
    const limits = { archiveBytes: 1_000_000 }
    expect((await failureOf(fetchIt({ limits }))).code).toBe('source/too-large')
    host.answerWith((_request, response) => {
      response.writeHead(200)
      const pour = () => {
        while (response.write(Buffer.alloc(65_536, 'x')));
        response.once('drain', pour)
      }
      pour()
    })
    await rm(cacheDir, { recursive: true })
    expect((await failureOf(fetchIt({ limits }))).message).toMatch(/expected at most 1000000\.$/)
    expect(statSync(join(cacheDir, md5, 'corpus.zip.partial')).size).toBeLessThanOrEqual(1_000_000)
  })
})

describe('a host in trouble', () => {
  it('is given the time that it asks for, in seconds or as a date', async () => {
    const clock = quickClock()
    const date = new Date(Math.ceil(Date.now() / 1000) * 1000 + 10_000).toUTCString()
    host.answerWith(
      answering(429, { 'retry-after': '7' }),
      answering(503, { 'retry-after': date }),
      answering(500),
      serving(content),
    )
    expect(await fetchIt({ ...clock })).toMatchObject({ md5 })
    const waits = clock.sleptMs.filter((ms) => ms !== PATIENT_MS && ms !== 5000)
    expect(waits[0]).toBe(7000)
    expect(waits[1]).toBeGreaterThan(8000)
    expect(waits[1]).toBeLessThanOrEqual(11_000)
    expect(waits[2]).toBe(4000)
  })

  it('is asked again at growing distances, then given up', async () => {
    const clock = quickClock()
    host.answerWith(answering(503))
    const failure = await failureOf(fetchIt({ ...clock }))
    expect(failure.message).toMatch(/: it answered 503; 6 tries failed\.$/)
    expect(clock.sleptMs.filter((ms) => ms !== PATIENT_MS && ms !== 5000)).toEqual([
      1000, 2000, 4000, 8000, 16_000,
    ])
  })

  it('that says nothing for long is left', async () => {
    host.answerWith(() => {}, silentAfterABit, serving(content))
    expect(await fetchIt({ stallMs: 30_000 })).toMatchObject({ md5 })
    expect(host.requests).toHaveLength(3)
  })

  it.each([
    [404, 'The file may have moved'],
    [403, 'The host wants a login'],
  ])('that answers %d is not asked again', async (status, hint) => {
    host.answerWith(answering(status))
    const failure = await failureOf(fetchIt())
    expect(failure.code).toBe('source/refused')
    expect(failure.message).toMatch(`answered ${status}; expected the archive.`)
    expect(failure.hint).toContain(hint)
    expect(host.requests).toHaveLength(1)
  })

  it('that is not there at all is an error of ours, not a stack', async () => {
    await host.close()
    const failure = await failureOf(fetchIt())
    expect(failure.message).toMatch(/ECONNREFUSED/)
  })
})

describe('a host that sends on', () => {
  it('is followed, and the range with it', async () => {
    host.answerWith(
      answering(302, { location: '/elsewhere/corpus.zip' }),
      breakingAfter(500_000, content),
      answering(307, { location: `${host.url}/elsewhere/corpus.zip` }),
      serving(content),
    )
    expect(await fetchIt()).toMatchObject({ md5 })
    expect(host.requests.map(({ path }) => path)).toEqual([
      '/files/corpus.zip?download=1',
      '/elsewhere/corpus.zip',
      '/files/corpus.zip?download=1',
      '/elsewhere/corpus.zip',
    ])
    expect(host.requests[3].range).toMatch(/^bytes=/)
  })

  it('in a circle is left after ten', async () => {
    host.answerWith(answering(301, { location: '/again' }))
    expect((await failureOf(fetchIt())).code).toBe('source/bad-redirect')
    expect(host.requests).toHaveLength(11)
  })

  it.each(['file:///etc/passwd', 'ftp://127.0.0.1/x', 'data:text/plain,x', 'http://'])(
    'to %s is not followed',
    async (location) => {
      host.answerWith(answering(302, { location }))
      const failure = await failureOf(fetchIt())
      expect(failure.code).toBe('source/bad-redirect')
      expect(failure.message).toContain(`sends on to "${location}"`)
    },
  )
})

describe('the cache', () => {
  it('does not trust a file that changed: it is fetched anew', async () => {
    const { path } = await fetchIt()
    const handle = await open(path, 'r+')
    await handle.write('!', 1_500_000)
    await handle.close()
    expect(await fetchIt()).toMatchObject({ md5 })
    expect(host.requests).toHaveLength(2)
    expect(readFileSync(path).equals(content)).toBe(true)
  })

  it('notices a change in what it looks at even when size and date are as before', async () => {
    const { path } = await fetchIt()
    const { atime, mtime } = statSync(path)
    const handle = await open(path, 'r+')
    await handle.write('!', 0)
    await handle.close()
    await utimes(path, atime, mtime)
    await fetchIt()
    expect(host.requests).toHaveLength(2)
  })

  it('reads a file in full when its stamp is gone or damaged', async () => {
    const { path } = await fetchIt()
    await writeFile(`${path}.verified.json`, '{')
    const events: SourceEvent[] = []
    await fetchIt({ onProgress: (event) => events.push(event) })
    expect(kinds(events)).toEqual(['verify'])
    expect(host.requests).toHaveLength(1)
  })

  it('takes over the lock of a program that died, and what it had fetched', async () => {
    await mkdir(join(cacheDir, md5), { recursive: true })
    const lock = join(cacheDir, md5, 'corpus.zip.lock')
    await writeFile(lock, 'someone')
    const longAgo = Date.now() / 1000 - 120
    await utimes(lock, longAgo, longAgo)
    await writeFile(join(cacheDir, md5, 'corpus.zip.partial'), content.subarray(0, 2_000_000))
    expect(await fetchIt()).toMatchObject({ md5 })
    expect(host.requests[0].range).toBe('bytes=2000000-')
    expect(leftovers()).toEqual([])
  })

  it('keeps what came when the user stops it', async () => {
    const stop = new AbortController()
    host.answerWith(async (_request, response) => {
      response.writeHead(200, { 'content-length': content.byteLength, etag: '"v1"' })
      response.write(content.subarray(0, 1_000_000))
    })
    const onProgress = (event: SourceEvent) => {
      if (event.kind === 'download' && event.bytes >= 1_000_000) stop.abort(new Error('stopped by the user'))
    }
    await expect(fetchIt({ signal: stop.signal, onProgress })).rejects.toThrow('stopped by the user')
    expect(leftovers()).toEqual([`${md5}/corpus.zip.partial`, `${md5}/corpus.zip.partial.json`])
    host.answerWith(serving(content))
    expect(await fetchIt()).toMatchObject({ md5 })
    expect(host.requests.at(-1)?.range).toBe('bytes=1000000-')
  })

  it.skipIf(process.getuid?.() === 0)('names a folder that cannot be written', async () => {
    await mkdir(cacheDir)
    await chmod(cacheDir, 0o500)
    expect((await failureOf(fetchIt())).code).toBe('store/permission-denied')
  })

  it.each(['../../../escape', 'x'.repeat(32), 'ab'])('refuses the checksum %s', async (given) => {
    expect((await failureOf(fetchIt({}, { md5: given }))).code).toBe('source/bad-checksum')
    expect(existsSync(cacheDir)).toBe(false)
  })
})

describe('another source', () => {
  it('that is a folder is used in place', async () => {
    const source = join(dir, 'archives')
    await mkdir(source)
    await writeFile(join(source, 'corpus.zip'), content)
    const events: SourceEvent[] = []
    const onProgress = (event: SourceEvent) => events.push(event)
    expect(await fetchIt({ source, onProgress })).toMatchObject({ path: join(source, 'corpus.zip'), md5 })
    expect(kinds(events)).toEqual(['verify'])
    await fetchIt({ source, onProgress: () => expect.unreachable('read again') })
    expect(readdirSync(source)).toEqual(['corpus.zip'])
    expect(host.requests).toEqual([])
  })

  it('that is a folder is refused when the archive is missing, damaged or a page', async () => {
    const source = join(dir, 'archives')
    await mkdir(source)
    const missing = await failureOf(fetchIt({ source }))
    expect(missing.message).toBe(`The folder "${source}" holds no file "corpus.zip" (md5 ${md5}).`)
    expect(missing.hint).toContain(`it comes from ${host.url}/files/corpus.zip`)
    const page = '<html><body>404</body></html>'
    await writeFile(join(source, 'corpus.zip'), page)
    const wrong = await failureOf(fetchIt({ source }))
    expect(wrong.message).toBe(
      `"${join(source, 'corpus.zip')}" has the md5 checksum ${md5Of(Buffer.from(page))} (29 bytes); expected ${md5}; it is a web page ("404").`,
    )
    expect(readFileSync(join(source, 'corpus.zip'), 'utf8')).toBe(page)
  })

  it.each(['', '/', '/mirror', '/mirror/'])(
    'that is a base URL ending in "%s" is asked by file name',
    async (end) => {
      const url = 'https://nowhere.invalid/some/where/corpus.zip?download=1'
      expect(await fetchIt({ source: `${host.url}${end}` }, { url })).toMatchObject({ md5 })
      expect(host.requests).toEqual([{ path: `${end.replace(/\/$/, '')}/corpus.zip`, range: undefined }])
    },
  )

  it('of another kind is refused', async () => {
    expect((await failureOf(fetchIt({ source: 's3://bucket/x' }))).message).toBe(
      '"s3://bucket/x" is no address that hear can download from.',
    )
  })
})

describe('a proxy', () => {
  it('is asked for plain addresses, with its password', async () => {
    let headers: IncomingHttpHeaders = {}
    host.answerWith((request, response) => {
      headers = request.headers
      return serving(content)(request, response)
    })
    const proxyFor = proxyFromEnvironment({ http_proxy: host.url.replace('//', '//me:p%40ss@') })
    const url = 'http://nowhere.invalid/corpus.zip'
    expect(await fetchIt({ proxyFor }, { url })).toMatchObject({ md5 })
    expect(host.requests[0].path).toBe(url)
    expect(headers.authorization).toBeUndefined()
    expect(headers.host).toBe('nowhere.invalid')
    expect(headers['proxy-authorization']).toBe(`Basic ${Buffer.from('me:p@ss').toString('base64')}`)
  })

  it('is asked for a tunnel to secure addresses, and what it refuses is told', async () => {
    const asked: string[] = []
    const proxy = createServer()
    proxy.on('connect', (request, socket) => {
      asked.push(request.url as string)
      socket.end('HTTP/1.1 403 Forbidden\r\n\r\n')
    })
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
    const address = `127.0.0.1:${(proxy.address() as AddressInfo).port}`
    const proxyFor = proxyFromEnvironment({ HTTPS_PROXY: address })
    const failure = await failureOf(fetchIt({ proxyFor }, { url: 'https://nowhere.invalid/corpus.zip' }))
    expect(failure.message).toContain(`the proxy "${address}" answered 403`)
    expect(new Set(asked)).toEqual(new Set(['nowhere.invalid:443']))
    await new Promise((resolve) => proxy.close(resolve))
  })

  it('is passed by for the hosts of no_proxy', () => {
    const proxyFor = proxyFromEnvironment({
      all_proxy: 'proxy:3128',
      NO_PROXY: 'localhost, .example.org,*.edu',
    })
    const through = (url: string) => proxyFor(new URL(url))?.href
    expect(through('http://example.com/x')).toBe('http://proxy:3128/')
    expect(through('https://example.com/x')).toBe('http://proxy:3128/')
    expect(['http://localhost/x', 'https://www.example.org/x', 'http://a.b.edu/'].map(through)).toEqual([
      undefined,
      undefined,
      undefined,
    ])
    expect(proxyFromEnvironment({})(new URL('http://example.com'))).toBeUndefined()
    expect(proxyFromEnvironment({ HTTP_PROXY: 'http://evil' })(new URL('http://example.com'))).toBeUndefined()
    expect(() => proxyFromEnvironment({ http_proxy: 'socks5://x' })(new URL('http://a.b'))).toThrow(
      'The proxy "socks5://x" in the environment is no http:// address.',
    )
  })
})
