import { formatDuration } from '../base/duration.js'
import type { AuditReport, SimilarClips } from '../prepare/audit/audit-report.js'
import type { ClipPlace } from '../prepare/audit/name-groups.js'
import { type Alignment, textTable } from './table.js'

/** How many examples of each finding are shown; --json has all. */
const N_EXAMPLES = 5

/** An audit for people: how much was found of each kind, and the worst examples. */
export function auditText(report: AuditReport): string {
  return [
    `${report.task}: ${report.nClips} clips, heard at ${report.sampleRate} Hz`,
    sameAudio(report),
    names(report),
    clips(report),
    splits(report),
    classes(report),
    rates(report),
  ].join('\n\n')
}

function sameAudio({ identical, similar, nNotCompared }: AuditReport): string {
  const acrossOf = (all: readonly { crossesSplits: boolean }[]) =>
    `${all.filter(({ crossesSplits }) => crossesSplits).length} across splits`
  return section('The same audio more than once', [
    `identical samples: ${count(identical.length, 'group')} of clips, ${acrossOf(identical)}`,
    ...examples(identical, ({ clips: same, labelsDiffer }) => {
      const more = same.length > 3 ? ` and ${same.length - 3} more` : ''
      return `${same.slice(0, 3).map(placeText).join(' = ')}${more}${labelsDiffer ? '; labels differ' : ''}`
    }),
    `the same up to level, shift, padding and noise: ${count(similar.length, 'pair')}, ${acrossOf(similar)}`,
    ...examples(similar, similarText),
    ...(nNotCompared > 0 ? [`not compared by ear: ${count(nNotCompared, 'clip')}, silent or nearly so`] : []),
  ])
}

function similarText({ a, b, correlation, gainDb, lagMs, labelsDiffer }: SimilarClips): string {
  const changes = [
    `correlation ${Math.abs(correlation).toFixed(3)}`,
    ...(correlation < 0 ? ['inverted'] : []),
    `${signed(gainDb, 1)} dB`,
    `${signed(lagMs, 1)} ms`,
    ...(labelsDiffer ? ['labels differ'] : []),
  ]
  return `${placeText(a)} ~ ${placeText(b)}: ${changes.join(', ')}`
}

function names({ nameGroups }: AuditReport): string {
  const lines = nameGroups.flatMap(({ what, certainty, nGroups, crossing }) => [
    `${certainty === 'known' ? what : `a guess, ${what}`}: ${crossing.length} of ${nGroups} in several splits`,
    ...examples(
      crossing,
      ({ group, clips: bySplit }) =>
        `${group}: ${Object.entries(bySplit)
          .map(([split, n]) => `${split} ${n}`)
          .join(', ')}`,
    ),
  ])
  return section(
    'Speakers and sources, as the file names tell',
    lines.length > 0 ? lines : ['the names tell none'],
  )
}

function clips(report: AuditReport): string {
  const { silent, nearlySilent, clipped, offset, padded, otherDuration, unreadable } = report
  return section('Clips', [
    ...listed('unreadable', unreadable, (one) => `${placeText(one)}: ${one.reason}`),
    ...listed('silent (all zeros)', silent, placeText),
    ...listed(
      'nearly silent (peak below -60 dB)',
      nearlySilent,
      (one) => `${placeText(one)}: peak ${one.peakDb.toFixed(0)} dB`,
    ),
    ...listed(
      'clipped (3 samples or more at full scale)',
      clipped,
      (one) => `${placeText(one)}: ${one.longestRunSamples} in a row`,
    ),
    ...listed('with a DC offset', offset, (one) => `${placeText(one)}: ${signed(one.mean, 4)} of full scale`),
    ...listed(
      'padded (a tenth or more are zeros at the ends)',
      padded,
      (one) => `${placeText(one)}: ${percent(one.zeroShare)}`,
    ),
    ...listed(
      'not of the duration of the task',
      otherDuration,
      (one) => `${placeText(one)}: ${one.durationSec.toFixed(3)} s`,
    ),
  ])
}

function splits({ splits: all }: AuditReport): string {
  const header = ['split', 'clips', 'audio', 'shortest', 'median', 'longest']
  const seconds = (sec: number) => `${sec.toFixed(2)} s`
  const rows = all.map(({ split, nClips, totalSec, shortestSec, medianSec, longestSec }) => [
    split,
    String(nClips),
    formatDuration(1000 * totalSec),
    seconds(shortestSec),
    seconds(medianSec),
    seconds(longestSec),
  ])
  return `Durations\n${table(header, rows, 1)}`
}

function classes({ classes: balance }: AuditReport): string {
  const header = ['split', 'labels', 'missing', 'largest', 'smallest', 'evenness']
  const rows = balance.splits.map(({ split, missing, largest, smallest, evenness }) => [
    split,
    `${balance.nLabels - missing.length} of ${balance.nLabels}`,
    missing.length > 2 ? `${missing.slice(0, 2).join(', ')}, ...` : missing.join(', '),
    `${largest[0]} ${largest[1]}`,
    `${smallest[0]} ${smallest[1]}`,
    evenness.toFixed(3),
  ])
  return `Labels, counted in ${balance.counted} (evenness 1: as many of each)\n${table(header, rows, 6)}`
}

function rates({ rates: all, sampleRate }: AuditReport): string {
  const header = ['rate', 'missing', 'without labels', 'unreadable', `other length than at ${sampleRate} Hz`]
  const rows = all.map((rate) => [
    `${rate.sampleRate} Hz`,
    ...[rate.missing, rate.extra, rate.unreadable, rate.otherLength].map(({ length }) => String(length)),
  ])
  return `Rates\n${table(header, rows, 0)}`
}

function section(title: string, lines: readonly string[]): string {
  return [title, ...lines.map((line) => `  ${line}`)].join('\n')
}

/** A kind of finding: how many, then the worst. */
function listed<T>(what: string, all: readonly T[], text: (one: T) => string): string[] {
  return [`${what}: ${all.length}`, ...examples(all, text)]
}

function examples<T>(all: readonly T[], text: (one: T) => string): string[] {
  const more = all.length > N_EXAMPLES ? [`  and ${all.length - N_EXAMPLES} more`] : []
  return [...all.slice(0, N_EXAMPLES).map((one) => `  ${text(one)}`), ...more]
}

/** A table whose columns from `numbersFrom` on lean right. */
function table(header: readonly string[], rows: readonly (readonly string[])[], numbersFrom: number): string {
  const alignments = header.map((_, column): Alignment => (column >= numbersFrom ? 'right' : 'left'))
  return textTable(header, rows, alignments)
    .split('\n')
    .map((line) => `  ${line}`)
    .join('\n')
}

function placeText({ split, clip }: ClipPlace): string {
  return `${split}/${clip}`
}

function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? '' : 's'}`
}

function signed(value: number, digits: number): string {
  return `${value < 0 ? '' : '+'}${value.toFixed(digits)}`
}

function percent(share: number): string {
  return `${(100 * share).toFixed(0)} %`
}
