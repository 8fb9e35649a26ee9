import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { findResultBundles } from './find-result-bundles.js'

const root = mkdtempSync(join(tmpdir(), 'hear-find-results-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

function touch(...path: string[]): void {
  const file = join(root, ...path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, '')
}

async function sentence(dir: string): Promise<string> {
  const error = await findResultBundles(dir).catch((failure) => failure)
  expect(error.name).toBe('HearError')
  return `${error.code}: ${error.message.replaceAll(root, 'ROOT')}`
}

it('finds one result, those of a model, and those of all models', async () => {
  touch('out/naive/pitch-1/run.json')
  touch('out/naive/pitch-1/predictions.jsonl')
  touch('out/naive/esc50-2/run.json')
  touch('out/other/pitch-1/run.json')
  touch('out/other/unfinished-1/predictions.jsonl')
  touch('out/other/.pitch-1.tmp/run.json')
  touch('out/embeddings/naive/pitch-1/task_metadata.json')
  touch('out/embeddings/naive/pitch-1/old/run.json')
  const below = async (...path: string[]) =>
    (await findResultBundles(join(root, ...path))).map((dir) => dir.slice(root.length + 1))
  expect(await below('out/naive/pitch-1')).toEqual(['out/naive/pitch-1'])
  expect(await below('out/naive')).toEqual(['out/naive/esc50-2', 'out/naive/pitch-1'])
  expect(await below('out')).toEqual(['out/naive/esc50-2', 'out/naive/pitch-1', 'out/other/pitch-1'])
})

it('says what is wrong with a folder that holds no result', async () => {
  touch('half/predictions.jsonl')
  touch('notes/readme.txt')
  touch('pairs/pairwise.json')
  expect(await sentence(join(root, 'half'))).toMatchInlineSnapshot(
    `"result/unfinished: "ROOT/half" holds no finished result: there is no run.json."`,
  )
  expect(await sentence(join(root, 'notes'))).toMatchInlineSnapshot(
    `"result/none-found: There is no result in "ROOT/notes": expected a folder with run.json, found readme.txt."`,
  )
  expect(await sentence(join(root, 'nowhere'))).toMatchInlineSnapshot(
    `"store/file-missing: Cannot read "ROOT/nowhere": there is no such file."`,
  )
  expect(await sentence(join(root, 'notes/readme.txt'))).toMatchInlineSnapshot(
    `"store/not-a-folder: Cannot read "ROOT/notes/readme.txt": a part of the path is a file, not a folder."`,
  )
  expect(await sentence(join(root, 'pairs'))).toMatchInlineSnapshot(
    `"result/pairwise: "ROOT/pairs" is the result of a pairwise task: it has distances (pairwise.json), but no run.json, since nothing was probed."`,
  )
})
