import { type IncomingHttpHeaders, type IncomingMessage, request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { connect as connectTls } from 'node:tls'
import { HearError } from '../../base/errors.js'
import type { Clock } from './clock.js'
import { httpUrl } from './file-name.js'
import type { ProxyFor } from './proxy.js'

const MAX_REDIRECTS = 10

/** What went wrong on the way and may go right at the next try. */
export class TransferFailure extends Error {
  /** @param retryAfterMs how long the server asked to be left alone */
  constructor(
    message: string,
    readonly retryAfterMs?: number,
    cause?: unknown,
  ) {
    super(message, { cause })
  }
}

export interface HttpGetOptions extends Clock {
  readonly signal?: AbortSignal
  /** A connection over which nothing comes for so long is given up. */
  readonly stallMs: number
  readonly proxyFor?: ProxyFor
}

export interface HttpAnswer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  /** Yields the body as it comes. @throws TransferFailure when it stops before its end */
  readonly body: AsyncIterable<Uint8Array>
}

/**
 * Asks for an address, follows redirects (ten at most, to http and https only) and hands the answer to `use`; the
 * connection is closed when `use` is done with it, whether it has read the body or not.
 *
 * @throws TransferFailure when the connection fails, breaks or stalls; HearError for a redirect that leads nowhere
 * and for a certificate that cannot be trusted; whatever `use` throws; the reason of the signal.
 */
export async function httpGet<T>(
  url: string,
  headers: Readonly<Record<string, string>>,
  options: HttpGetOptions,
  use: (answer: HttpAnswer) => Promise<T>,
): Promise<T> {
  const ended = new AbortController()
  const signal = options.signal ? AbortSignal.any([options.signal, ended.signal]) : ended.signal
  let nSigns = 0
  const watch = async () => {
    for (let seen = -1; seen !== nSigns; ) {
      seen = nSigns
      await options.sleep(options.stallMs, signal)
    }
    ended.abort(new TransferFailure(`nothing came for ${options.stallMs / 1000} s`))
  }
  const watching = watch().catch(() => undefined)
  try {
    const message = await follow(url, headers, signal, options).catch((error) => {
      throw asTransferFailure(error, signal, url)
    })
    nSigns++
    const body = async function* () {
      try {
        for await (const chunk of message) {
          nSigns++
          yield chunk as Uint8Array
        }
      } catch (error) {
        throw asTransferFailure(error, signal, url)
      }
    }
    return await use({ status: message.statusCode as number, headers: message.headers, body: body() })
  } finally {
    ended.abort(new Error('the answer is no longer wanted'))
    await watching
  }
}

async function follow(
  start: string,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
  options: HttpGetOptions,
): Promise<IncomingMessage> {
  let url = httpUrl(start)
  for (let nRedirects = 0; ; nRedirects++) {
    const message = await send(url, headers, signal, options.proxyFor?.(url))
    const status = message.statusCode as number
    const { location } = message.headers
    if (![301, 302, 303, 307, 308].includes(status) || location === undefined) return message
    message.destroy()
    const next = URL.canParse(location, url.href) ? new URL(location, url) : undefined
    if (next === undefined || (next.protocol !== 'http:' && next.protocol !== 'https:'))
      throw new HearError(
        'source/bad-redirect',
        `"${start}" sends on to "${location}"; expected an http or https address.`,
        { hint: 'Get the archive by hand and give its folder with --source.' },
      )
    if (nRedirects === MAX_REDIRECTS)
      throw new HearError(
        'source/bad-redirect',
        `"${start}" sends from address to address more than ${MAX_REDIRECTS} times, last to "${next.href}".`,
        { hint: 'Get the archive by hand and give its folder with --source.' },
      )
    url = next
  }
}

async function send(
  url: URL,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
  proxy: URL | undefined,
): Promise<IncomingMessage> {
  // Identity: the checksum is that of the archive, not of a server's compression of it.
  const asked = { 'user-agent': 'hearkit', 'accept-encoding': 'identity', ...headers }
  if (proxy === undefined)
    return answerTo(
      url.protocol === 'https:'
        ? requestHttps(url, { headers: asked, signal })
        : requestHttp(url, { headers: asked, signal }),
    )
  const login = `${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`
  const authorization: Record<string, string> =
    proxy.username === '' ? {} : { 'proxy-authorization': `Basic ${Buffer.from(login).toString('base64')}` }
  // Node would make a login to the host itself of the one that stands in the proxy's address.
  const auth = undefined
  if (url.protocol === 'http:') {
    const throughProxy = { ...asked, ...authorization, host: url.host }
    return answerTo(requestHttp(proxy, { path: url.href, headers: throughProxy, auth, signal }))
  }
  const host = `${url.hostname}:${url.port || 443}`
  const connect = { method: 'CONNECT', path: host, headers: { host, ...authorization }, auth, signal }
  const tunnel = requestHttp(proxy, connect)
  return new Promise((resolve, reject) => {
    tunnel.on('error', reject)
    tunnel.on('response', (message) => {
      message.destroy()
      reject(new TransferFailure(`the proxy "${proxy.host}" answered ${message.statusCode}`))
    })
    tunnel.on('connect', (message, socket) => {
      if (message.statusCode !== 200) {
        socket.destroy()
        reject(new TransferFailure(`the proxy "${proxy.host}" answered ${message.statusCode}`))
        return
      }
      const servername = url.hostname
      const request = requestHttps(url, {
        headers: asked,
        signal,
        createConnection: () => connectTls({ socket, servername }),
      })
      answerTo(request).then(resolve, reject)
    })
    tunnel.end()
  })
}

function answerTo(request: ReturnType<typeof requestHttp>): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request.on('error', reject)
    request.on('response', resolve)
    request.end()
  })
}

/** The failures of the network as one kind; those that no further try can mend as HearErrors. */
function asTransferFailure(error: unknown, signal: AbortSignal, url: string): unknown {
  if (error instanceof TransferFailure || error instanceof HearError) return error
  if (signal.aborted) return signal.reason
  const { code, message } = error as NodeJS.ErrnoException
  if (typeof code !== 'string') return error
  if (/CERT|SELF_SIGNED|^ERR_TLS|ISSUER/.test(code))
    return new HearError('source/untrusted-host', `"${url}" cannot be trusted: ${message}.`, {
      hint: 'Check the clock and the certificates of this machine, or give a folder with --source.',
      cause: error,
    })
  return new TransferFailure(`${code}: ${message}`, undefined, error)
}
