import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, it } from 'vitest'
import { encodeWavPcm16 } from '../../src/audio/encode-wav.js'
import { hear, scratchFolder } from './hear.js'

const page = readFileSync(new URL('../../docs/new-task.md', import.meta.url), 'utf8')
const dir = scratchFolder()

/** Two and a half seconds of a tone, another for each label. */
function recording(hz: number): Uint8Array {
  return encodeWavPcm16(
    Float32Array.from({ length: 40_000 }, (_, i) => 0.3 * Math.sin((2 * Math.PI * hz * i) / 16_000)),
    16_000,
  )
}

it.each([
  [
    'birds.json',
    'my_birds',
    [
      'garden/blackbird 1',
      'garden/blackbird 2',
      'park/blackbird 3',
      'garden/wren 1',
      'garden/wren 2',
      'park/wren 3',
    ].map((name) => `recordings/${name}.wav`),
  ],
  ['birds.mjs', 'my_birds_by_name', []],
  ['events.json', 'my_office', ['monday', 'tuesday', 'friday'].map((name) => `office/${name}.wav`)],
])(
  'the example %s of docs/new-task.md is prepared and scored as the page says',
  async (file, task, recordings) => {
    for (const [, name, text] of page.matchAll(/^```\w+ (\S+)\n([\s\S]*?)^```$/gm)) {
      mkdirSync(dirname(join(dir, name)), { recursive: true })
      writeFileSync(join(dir, name), text)
    }
    for (const [i, path] of recordings.entries()) {
      mkdirSync(dirname(join(dir, path)), { recursive: true })
      writeFileSync(join(dir, path), recording(300 + 200 * i))
    }
    const tasks = join(dir, `tasks-${file}`)
    const prepared = await hear(['prepare', join(dir, file), '--out', tasks, '--sample-rates', '44100'])
    expect(prepared.stderr).toContain(`preparing ${task}, full`)
    expect(prepared.code).toBe(0)
    const scored = await hear([
      'run',
      '--model',
      'naive',
      '--tasks',
      tasks,
      '--out',
      join(dir, 'results'),
      '--grid',
      'faster',
      '--grid-points',
      '1',
    ])
    expect(scored.stdout).toContain(task)
    expect(scored.code).toBe(0)
  },
)
