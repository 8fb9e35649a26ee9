// The resampler, measured: pass band, images and aliases, and speed, for every pair of common rates. Run after a
// build: node bench/resampler.mjs [toHz ...]
// Beside it, where there is an ffmpeg with libsoxr, ffmpeg's soxr on the same signals, and its speed, in turns with
// ours (what it needs to start is measured with an empty clip and taken off). Speeds are seconds of sound per second
// of processor time in user mode, which a busy machine disturbs less than elapsed time; medians of ROUNDS.
import { spawnSync } from 'node:child_process'
import { createResampler } from '../dist/audio/resample.js'
import { sweep } from './resampler/sweep.mjs'

const FROM_HZ = [8000, 11025, 16000, 22050, 32000, 44100, 48000, 96000]
const TO_HZ = [16000, 22050, 32000, 44100, 48000]
const ROUNDS = 7
const CLIP_SEC = 60

const wanted = process.argv.slice(2).map(Number)
const hasSoxr = spawnSync('ffmpeg', ['-version']).stdout?.includes('libsoxr') === true
const headings = ['from', 'to', 'ripple dB', 'spurious dB', 'times real time']
const soxrHeadings = ['soxr: ripple', 'spurious', 'times', 'ours / soxr']
const rows = [hasSoxr ? [...headings, ...soxrHeadings] : headings]
for (const toHz of TO_HZ.filter((rate) => wanted.length === 0 || wanted.includes(rate)))
  for (const fromHz of FROM_HZ)
    if (fromHz !== toHz) {
      rows.push(measure(fromHz, toHz))
      if (process.stderr.isTTY) process.stderr.write(`\r${rows.length - 1} pairs `)
    }
print(rows)
console.log(secondThroughAllRates())

function measure(fromHz, toHz) {
  const { resample } = createResampler(fromHz, toHz)
  const clip = noise(CLIP_SEC * fromHz)
  const nothing = noise(1)
  const [ours, theirs] = [[], []]
  for (let round = 0; round < ROUNDS + 2; round++) {
    const before = process.cpuUsage()
    resample(clip)
    const oursSec = process.cpuUsage(before).user / 1e6
    const theirsSec = hasSoxr ? soxr(clip, fromHz, toHz).userSec - soxr(nothing, fromHz, toHz).userSec : 0
    // The first two rounds warm both up.
    if (round < 2) continue
    ours.push(CLIP_SEC / oursSec)
    theirs.push(CLIP_SEC / theirsSec)
  }
  const row = [fromHz, toHz, ...figures(sweep(resample, fromHz, toHz)), median(ours).toFixed(0)]
  if (!hasSoxr) return row
  const swept = sweep((samples) => soxr(samples, fromHz, toHz).output, fromHz, toHz)
  return [...row, ...figures(swept), median(theirs).toFixed(0), (median(ours) / median(theirs)).toFixed(2)]
}

function figures({ rippleDb, spuriousDb }) {
  return [rippleDb.toFixed(4), spuriousDb.toFixed(1)]
}

/** What preparing does with a clip of one second at 44.1 kHz. */
function secondThroughAllRates() {
  const clip = noise(44_100)
  const all = TO_HZ.filter((rate) => rate !== 44_100).map((rate) => createResampler(44_100, rate))
  const times = Array.from({ length: 50 }, () => took(() => all.map(({ resample }) => resample(clip))))
  return `One second of 44100 Hz to the four other rates: ${median(times.slice(10)).toFixed(2)} ms.`
}

function soxr(samples, fromHz, toHz) {
  const raw = (rate) => ['-f', 's16le', '-ar', String(rate), '-ac', '1']
  const filter = ['-af', `aresample=${toHz}:resampler=soxr`]
  const done = spawnSync(
    'ffmpeg',
    [
      '-v',
      'info',
      '-nostats',
      '-benchmark',
      ...raw(fromHz),
      '-i',
      'pipe:0',
      ...filter,
      ...raw(toHz),
      'pipe:1',
    ],
    { input: new Uint8Array(samples.buffer), maxBuffer: 2 ** 30 },
  )
  const userSec = /bench: utime=([\d.]+)s/.exec(done.stderr)?.[1]
  if (done.status !== 0 || userSec === undefined) throw new Error(`ffmpeg: ${done.stderr}`)
  return { output: new Int16Array(new Uint8Array(done.stdout).buffer), userSec: Number(userSec) }
}

function noise(length) {
  let state = 7
  return Int16Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 17 - 2 ** 14
  })
}

function took(work) {
  const begin = performance.now()
  work()
  return performance.now() - begin
}

function median(values) {
  return values.toSorted((a, b) => a - b)[values.length >> 1]
}

function print(rows) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => String(row[column]).length)))
  for (const row of rows) console.log(row.map((cell, i) => String(cell).padStart(widths[i])).join('  '))
}
