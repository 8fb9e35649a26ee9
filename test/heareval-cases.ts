/** Cases recorded from heareval: those of this project, and those of HEAR_TEST_FIXTURES if it is set. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export interface HearevalCase<Input = unknown> {
  id: string
  kind: string
  input: Input
  expected: { value?: unknown; error?: { type: string; message: string } }
}

const own = fileURLToPath(new URL('./golden', import.meta.url))

/** Folders laid out as the golden files are: `heareval/<name>.json` and so on. */
export function fixtureFolders(): string[] {
  const further = process.env.HEAR_TEST_FIXTURES
  return further ? [own, further] : [own]
}

/** All cases recorded for a function of heareval, whatever the names of their files. Throws if there are none. */
export function hearevalCases<Input>(functionName: string): HearevalCase<Input>[] {
  const cases: HearevalCase<Input>[] = []
  for (const folder of fixtureFolders().map((root) => join(root, 'heareval')))
    for (const file of readdirSync(folder).filter((name) => name.endsWith('.json'))) {
      const recorded = JSON.parse(readFileSync(join(folder, file), 'utf8'), numbersFromText)
      if (recorded.function === functionName) cases.push(...recorded.cases)
    }
  if (cases.length === 0) throw new Error(`no cases of ${functionName} in ${fixtureFolders().join(', ')}`)
  return cases
}

/** JSON has no NaN or infinities: the recorder wrote them as text. */
function numbersFromText(_key: string, value: unknown): unknown {
  return value === 'NaN' || value === 'Infinity' || value === '-Infinity' ? Number(value) : value
}
