import { HearError } from '../base/errors.js'
import { instantiateKernels, type Kernels } from '../num/kernels/kernels.js'
import { KernelMemory } from '../num/memory.js'
import { type LowPass, lowPassHalfWidth, lowPassOf } from './resample-filter.js'
import { type TapTable, tapTable } from './resample-table.js'
import { lowestTerms, type SoxrStages, soxrStages } from './soxr-stages.js'
import { type StartRows, soxrStart } from './soxr-start.js'

/** Converts clips between two rates, with its own memory: one clip at a time. */
export interface Resampler {
  readonly fromHz: number
  readonly toHz: number
  /**
   * @param samples mono, 16 bits; not changed
   * @returns resampledLength samples: an output n lies at n / toHz, an input k at k / fromHz, and what lies
   *   before and after the clip counts as zero. Rounded half to even, clamped to 16 bits, no dither.
   */
  resample(samples: Int16Array): Int16Array
}

/** One way to compute a block of outputs from the input that lies in the kernel memory. */
interface Method {
  readonly table: TapTable
  /** Where each phase's window begins in the block's input, for the kernels that want it told. */
  readonly starts: Int32Array
  /** The most outputs of a block, and the inputs that they need. */
  readonly blockOutputs: number
  readonly blockInputs: number
  run(kernels: Kernels, memory: BlockMemory, firstOutput: number, nOutputs: number): void
}

type BlockMemory = KernelMemory<'table' | 'starts' | 'input' | 'output'>

const LOWEST_RATE_HZ = 4000
const HIGHEST_RATE_HZ = 192_000
const HIGHEST_OUTPUT_RATE_HZ = 48_000

/** Taps that a table may hold where each phase has its own row: 2 MiB. */
const MOST_TAPS = 2 ** 19
/** Rows per sample for all other ratios: a cubic between phases this close is right to -137 dB. */
const NEAREST_PHASES = 64
/** Samples of input per block: with the taps of one phase they stay in a 64 KiB cache. */
const BLOCK_SAMPLES = 16_384
/** As resamplePeriods takes them. */
const PERIODS_AT_ONCE = 4

/** The number of samples that n become: n toHz / fromHz, halves rounded up, as ffmpeg's soxr has it. */
export function resampledLength(nSamples: number, fromHz: number, toHz: number): number {
  return Math.floor((2 * nSamples * toHz + fromHz) / (2 * fromHz))
}

/**
 * A resampler with libsoxr's HQ filter: linear phase, no delay, pass band to 0.913 of the lower Nyquist frequency
 * within 0.01 dB, images and aliases at least 120 dB down.
 *
 * All of soxr's stages are one polyphase filter here, whose products are summed in whole numbers, so that the one
 * rounding is the last: the same bits on every machine. Ratios of large numbers, such as 44101 to 16000, go through
 * a cubic between 64 phases at a quarter of the speed. Tables and blocks take some MiB, whatever the clip's length.
 * 44.1 to 16 kHz: 1500 times real time on one core, see bench/resampler.mjs.
 *
 * *Differs* from `ffmpeg -af aresample=resampler=soxr` on 16-bit audio by soxr's dither and the two roundings: 0.58
 * of a step in the mean, or -95 dB of full scale. Without those by less than -110 dB of white noise, but -93 dB from
 * 11025 to 48000 Hz (-77 dB at worst, for ratios barely over 4), and -95 dB at the start of a clip whose rate is
 * four times the output's or more, where soxr's halvings are matched to a percent.
 * @param fromHz a whole number from 4000 to 192000
 * @param toHz a whole number from 4000 to 48000
 * @throws HearError for other rates
 */
export function createResampler(fromHz: number, toHz: number): Resampler {
  requireRate(fromHz, HIGHEST_RATE_HZ, 'from')
  requireOutputRate(toHz)
  if (fromHz === toHz) return { fromHz, toHz, resample: (samples) => samples.slice() }
  const stages = soxrStages(fromHz, toHz)
  const start = soxrStart(stages)
  const method = methodFor(fromHz, toHz, stages)
  const { table, starts, blockInputs, blockOutputs } = method
  const memory: BlockMemory = new KernelMemory([
    ['table', table.rows.length / 2],
    ['starts', starts.length],
    ['input', Math.ceil(blockInputs / 2)],
    ['output', Math.ceil(blockOutputs / 2)],
  ])
  const kernels = instantiateKernels(memory.memory)
  const shorts = new Int16Array(memory.memory.buffer)
  shorts.set(table.rows, memory.address('table') / 2)
  memory.i32.set(starts, memory.at('starts'))
  const [inputAt, outputAt] = [memory.address('input') / 2, memory.address('output') / 2]
  return {
    fromHz,
    toHz,
    resample(samples) {
      const output = new Int16Array(resampledLength(samples.length, fromHz, toHz))
      for (let done = 0; done < output.length; done += blockOutputs) {
        const first = Math.floor((done * fromHz) / toHz) - table.middle
        const present = samples.subarray(Math.max(0, first), Math.max(0, first + blockInputs))
        shorts.fill(0, inputAt, inputAt + blockInputs)
        shorts.set(present, inputAt + Math.max(0, -first))
        const nOutputs = Math.min(blockOutputs, output.length - done)
        method.run(kernels, memory, done, nOutputs)
        output.set(shorts.subarray(outputAt, outputAt + nOutputs), done)
      }
      putStart(output, samples, start)
      return output
    },
  }
}

/** Puts the first outputs as soxr has them; see soxrStart. */
function putStart(output: Int16Array, samples: Int16Array, { nOutputs, nInputs, weights }: StartRows): void {
  const count = Math.min(nInputs, samples.length)
  for (let n = 0; n < Math.min(nOutputs, output.length); n++) {
    let sum = 0
    for (let k = 0; k < count; k++) sum += weights[n * nInputs + k] * samples[k]
    output[n] = Math.max(-32768, Math.min(32767, roundHalfEven(sum)))
  }
}

function roundHalfEven(value: number): number {
  const rounded = Math.round(value)
  return rounded - value === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded
}

function methodFor(fromHz: number, toHz: number, stages: SoxrStages): Method {
  const [stepIn, stepOut] = lowestTerms(fromHz, toHz)
  const lowPass = lowPassOf(stages, Math.min(fromHz, toHz))
  const lowRateShare = Math.min(1, toHz / fromHz)
  const nTaps = (2 * lowPassHalfWidth(lowPass)) / lowRateShare
  return stepOut * nTaps <= MOST_TAPS
    ? everyPhase(stepIn, stepOut, lowPass, lowRateShare)
    : nearestPhases(stepIn, stepOut, lowPass, lowRateShare)
}

/** A row for each of the stepOut phases that occur. */
function everyPhase(stepIn: number, stepOut: number, lowPass: LowPass, lowRateShare: number): Method {
  const phases = Array.from({ length: stepOut }, (_, row) => ((row * stepIn) % stepOut) / stepOut)
  const table = tapTable(lowPass, phases, lowRateShare)
  const mostPeriods = Math.max(1, Math.floor(BLOCK_SAMPLES / stepIn / PERIODS_AT_ONCE)) * PERIODS_AT_ONCE
  return {
    table,
    starts: Int32Array.from(phases, (_, row) => Math.floor((row * stepIn) / stepOut)),
    blockOutputs: mostPeriods * stepOut,
    blockInputs: mostPeriods * stepIn + table.nTaps,
    run(kernels, memory, _firstOutput, nOutputs) {
      const nPeriods = Math.ceil(nOutputs / stepOut / PERIODS_AT_ONCE) * PERIODS_AT_ONCE
      kernels.resamplePeriods(
        memory.address('input'),
        memory.address('table'),
        memory.address('starts'),
        stepOut,
        table.nTaps,
        stepIn,
        nPeriods,
        table.base,
        table.unit * table.base,
        memory.address('output'),
      )
    },
  }
}

/** Rows for phases close to each other; outputs between them by a cubic. */
function nearestPhases(stepIn: number, stepOut: number, lowPass: LowPass, lowRateShare: number): Method {
  const phases = Array.from({ length: NEAREST_PHASES + 3 }, (_, row) => (row - 1) / NEAREST_PHASES)
  const table = tapTable(lowPass, phases, lowRateShare)
  const blockOutputs = Math.ceil((BLOCK_SAMPLES * stepOut) / stepIn)
  return {
    table,
    starts: new Int32Array(0),
    blockOutputs,
    blockInputs: Math.ceil((blockOutputs * stepIn) / stepOut) + table.nTaps,
    run(kernels, memory, firstOutput, nOutputs) {
      kernels.resampleBetween(
        memory.address('input'),
        memory.address('table'),
        NEAREST_PHASES,
        table.nTaps,
        nOutputs,
        (firstOutput * stepIn) % stepOut,
        stepIn,
        stepOut,
        table.base,
        table.unit * table.base,
        memory.address('output'),
      )
    },
  }
}

/** Refuses rates that nothing is resampled to. @throws HearError `audio/bad-sample-rate` */
export function requireOutputRate(rateHz: number): void {
  requireRate(rateHz, HIGHEST_OUTPUT_RATE_HZ, 'to')
}

function requireRate(rateHz: number, highestHz: number, direction: 'from' | 'to'): void {
  if (Number.isInteger(rateHz) && rateHz >= LOWEST_RATE_HZ && rateHz <= highestHz) return
  throw new HearError(
    'audio/bad-sample-rate',
    `Audio is resampled ${direction} whole rates of ${LOWEST_RATE_HZ} to ${highestHz} Hz; found ${rateHz}.`,
    { hint: 'Give rates in Hz, such as 16000 or 44100.' },
  )
}
