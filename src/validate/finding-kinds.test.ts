import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { FINDING_CODES, findingKind } from './finding-kinds.js'

const PAGE = new URL('../../docs/validator.md', import.meta.url)

test('the page of the validator lists every code, as the program has it', () => {
  const page = readFileSync(PAGE, 'utf8')
  const listed = page.split('\n').filter((line) => /^\| `/.test(line))
  const expected = FINDING_CODES.map((code) => {
    const { severity, milder, means, remedy, original } = findingKind(code)
    const weight = milder === undefined ? severity : `${severity}; ${milder}`
    return `| \`${code}\` | ${weight} | ${means} | ${remedy} | ${original ?? 'passes'} |`
  })
  expect(listed).toEqual(expected)
})

test('remedies and meanings are whole sentences', () => {
  for (const code of FINDING_CODES)
    for (const text of [findingKind(code).means, findingKind(code).remedy])
      expect(text).toMatch(/^[A-Z].*\.$|\)\.$/)
})
