import { expect, test } from 'vitest'
import { Reporter } from './reporter.js'
import { textTable } from './table.js'

function setUp(isTTY: boolean) {
  const clock = { ms: 0 }
  const written: string[] = []
  const stream = { isTTY, columns: 90, write: (text: string) => written.push(text) }
  return { clock, written, reporter: new Reporter(stream, () => clock.ms) }
}

test('a terminal gets a progress line with an estimate, but only after two seconds', () => {
  const { clock, written, reporter } = setUp(true)
  const stage = reporter.stage('embedding digits')
  clock.ms = 1900
  stage.update(0.1, '30/300 clips')
  expect(written).toEqual([])
  clock.ms = 4000
  stage.update(0.25, '75/300 clips')
  expect(written).toEqual([
    '\r\x1b[Kembedding digits █████░░░░░░░░░░░░░░░  25 %, about 12 s left (75/300 clips)',
  ])
  clock.ms = 16_000
  stage.done('300 clips')
  expect(written.slice(1)).toEqual(['\r\x1b[K', 'embedding digits: 300 clips (16 s)\n'])
})

test('a pipe gets one line per stage and no control characters', () => {
  const { clock, written, reporter } = setUp(false)
  const stage = reporter.stage('embedding digits')
  clock.ms = 60_000
  stage.update(0.5, 'half')
  stage.done('300 clips')
  expect(written).toEqual(['embedding digits: 300 clips (1 min 0 s)\n'])
})

test('tables line up, numbers to the right', () => {
  expect(
    textTable(
      ['task', 'score'],
      [
        ['digits', '0.99'],
        ['événements', '0.5'],
      ],
      ['left', 'right'],
    ),
  ).toBe(['task        score', '──────────  ─────', 'digits       0.99', 'événements    0.5'].join('\n'))
})
