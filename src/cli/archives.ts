import { homedir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { Option } from 'commander'
import type { Clock } from '../prepare/sources/clock.js'
import type { SourceEvent } from '../prepare/sources/source-events.js'
import type { Stage } from './reporter.js'

export const sourceOption = () =>
  new Option('--source <dir or url>', 'take the archives from here, by file name, in place of their own host')

export const cacheOption = () =>
  new Option('--cache <dir>', 'where downloads are kept, for all tasks').default(
    join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'hearkit'),
    '~/.cache/hearkit',
  )

export const systemClock: Clock = {
  now: Date.now,
  sleep: async (ms, signal) => void (await setTimeout(ms, undefined, { signal })),
}

/** Downloads run side by side: what is shown is the sum of them. */
export function sourceProgress(stage: Stage): (event: SourceEvent) => void {
  const files = new Map<string, { bytes: number; totalBytes: number }>()
  return (event) => {
    if (event.kind === 'wait') stage.update(0, `${event.file}: another program is downloading it`)
    else if (event.kind === 'retry') stage.update(0, `${event.file}: trying again (${event.reason})`)
    else {
      const { kind, file, bytes, totalBytes = Number.POSITIVE_INFINITY } = event
      files.set(`${kind} ${file}`, { bytes, totalBytes })
      const done = [...files.values()].reduce((sum, one) => sum + one.bytes, 0)
      const total = [...files.values()].reduce((sum, one) => sum + one.totalBytes, 0)
      const verb = { download: 'downloading', verify: 'checking', list: 'listing' }[kind]
      stage.update(done / total, `${verb} ${file}, ${formatBytes(bytes)}`)
    }
  }
}

function formatBytes(bytes: number): string {
  return bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(2)} GB`
}
