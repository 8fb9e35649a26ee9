/** A host of archives on this machine, honest or not, and time that passes quickly. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleepFor } from 'node:timers/promises'
import type { Clock } from '../src/prepare/sources/clock.js'

/** What the host does with one request. */
export type Behaviour = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>

export interface ArchiveHost {
  readonly url: string
  /** The requests so far: path, and the range that was asked for. */
  readonly requests: { readonly path: string; readonly range: string | undefined }[]
  /** Behaviours of the coming requests, in order; the last one stays. */
  answerWith(...behaviours: Behaviour[]): void
  close(): Promise<void>
}

export async function startHost(...behaviours: Behaviour[]): Promise<ArchiveHost> {
  let coming = behaviours
  const requests: ArchiveHost['requests'] = []
  const server = createServer((request, response) => {
    requests.push({ path: request.url as string, range: request.headers.range })
    const behaviour = coming.length > 1 ? (coming.shift() as Behaviour) : coming[0]
    // A client that goes away in the middle is part of the play.
    Promise.resolve(behaviour(request, response)).catch(() => response.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    answerWith(...next) {
      coming = next
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** An honest host: ranges, an ETag, If-Range. */
export function serving(content: Uint8Array, etag = '"v1"'): Behaviour {
  return (request, response) => {
    const asked = /^bytes=(\d+)-$/.exec(request.headers.range ?? '')
    const start = asked === null ? 0 : Number(asked[1])
    const condition = request.headers['if-range']
    if (asked === null || (condition !== undefined && condition !== etag)) {
      response.writeHead(200, { 'content-length': content.byteLength, etag })
      response.end(content)
    } else if (start >= content.byteLength) {
      response.writeHead(416, { 'content-range': `bytes */${content.byteLength}` })
      response.end()
    } else {
      response.writeHead(206, {
        'content-length': content.byteLength - start,
        'content-range': `bytes ${start}-${content.byteLength - 1}/${content.byteLength}`,
        etag,
      })
      response.end(content.subarray(start))
    }
  }
}

/** Announces everything, and breaks the connection after some bytes. */
export function breakingAfter(nBytes: number, content: Uint8Array, etag = '"v1"'): Behaviour {
  return async (request, response) => {
    const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0)
    const length = content.byteLength - start
    if (start > 0)
      response.writeHead(206, {
        'content-length': length,
        'content-range': `bytes ${start}-${content.byteLength - 1}/${content.byteLength}`,
        etag,
      })
    else response.writeHead(200, { 'content-length': length, etag })
    await new Promise<void>((resolve) =>
      response.write(content.subarray(start, start + nBytes), () => resolve()),
    )
    // Long enough for the bytes to arrive before the end of the connection.
    await sleepFor(20)
    response.destroy()
  }
}

/** Answers with a status, headers and a text. */
export function answering(status: number, headers: Record<string, string> = {}, body = ''): Behaviour {
  return (_request, response) => {
    response.writeHead(status, headers)
    response.end(body)
  }
}

/** A hundred times as fast as the world; what was slept is written down. */
export function quickClock(): Clock & { readonly sleptMs: number[] } {
  const sleptMs: number[] = []
  return {
    sleptMs,
    now: () => Date.now(),
    sleep: async (ms, signal) => {
      sleptMs.push(ms)
      await sleepFor(ms / 100, undefined, { signal })
    },
  }
}
