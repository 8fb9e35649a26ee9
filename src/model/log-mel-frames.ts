import type { SpectrumKernels } from '../num/kernels/spectrum-kernels.js'
import {
  bandTable,
  placeTable,
  SPECTRUM_BINS,
  SPECTRUM_FRAME,
  SPECTRUM_WORK_FLOATS,
  turnTable,
  twiddleTable,
} from '../num/kernels/spectrum-tables.js'
import type { KernelMemory } from '../num/memory.js'
import type { FrameGrid } from './frame-grid.js'
import type { NaiveWeights } from './naive-weights.js'

/** Frames that the kernels take at once, one per SIMD lane. */
const LANES = 4
/** Added to the mel power before the logarithm (hearbaseline/naive.py, epsilon). */
const FLOOR = 1e-4
const HALF_FRAME = SPECTRUM_FRAME / 2

/** Regions of a kernel memory that the log-mel kernels use. */
export type LogMelRegion =
  | 'frames'
  | 'window'
  | 'work'
  | 'power'
  | 'twiddles'
  | 'places'
  | 'turns'
  | 'bands'
  | 'weights'

type LogMelMemory = Pick<KernelMemory<LogMelRegion>, 'f32' | 'i32' | 'at' | 'address' | 'floats'>

/** Several sounds of one length, one behind the other, and the grid their frames lie on. */
export interface FramedSounds {
  /** float32 [nSounds, nSamples] */
  readonly samples: Float32Array
  readonly nSounds: number
  readonly nSamples: number
  readonly grid: FrameGrid
}

/**
 * Log-mel rows of the frames of sounds: window, power spectrum, mel filters, log(1e-4 + x). Four frames at a
 * time, those of different sounds together, through one staging area, so that a sound may be of any length.
 *
 * Source: hear-baseline 2021.1.1 (fca0bfc), hearbaseline/naive.py. *Differs*: float32 rounding only.
 */
export class LogMelFrames {
  readonly nMels: number
  private readonly samplesAt: number

  /** Regions and sizes that the kernels need in a memory. */
  static plan(weights: NaiveWeights): [LogMelRegion, number][] {
    const { bands, weights: bandWeights } = tableOf(weights)
    return [
      ['frames', LANES * SPECTRUM_FRAME],
      ['window', SPECTRUM_FRAME],
      ['work', SPECTRUM_WORK_FLOATS],
      ['power', LANES * SPECTRUM_BINS],
      ['twiddles', twiddleTable().length],
      ['places', SPECTRUM_BINS],
      ['turns', turnTable().length],
      ['bands', bands.length],
      ['weights', bandWeights.length],
    ]
  }

  constructor(
    private readonly memory: LogMelMemory,
    private readonly kernels: SpectrumKernels,
    weights: NaiveWeights,
  ) {
    const { bands, weights: bandWeights } = tableOf(weights)
    this.nMels = bands.length / 2
    this.samplesAt = memory.at('frames')
    memory.floats('window').set(weights.window)
    memory.floats('twiddles').set(twiddleTable())
    memory.floats('turns').set(turnTable())
    memory.i32.set(placeTable(), memory.at('places'))
    memory.i32.set(bands, memory.at('bands'))
    memory.floats('weights').set(bandWeights)
  }

  /**
   * Writes rows [firstRow, firstRow + nRows) of the sounds' frames, counted over all sounds.
   * @param out byte address of float32 [nRows rounded up to a multiple of 4, nMels]; the rows beyond nRows hold
   *   nothing of use.
   */
  write(sounds: FramedSounds, firstRow: number, nRows: number, out: number): void {
    const { memory, kernels } = this
    const work = memory.address('work')
    const power = memory.address('power')
    for (let row = 0; row < nRows; row += LANES) {
      for (let lane = 0; lane < Math.min(LANES, nRows - row); lane++)
        this.stage(lane, sounds, firstRow + row + lane)
      kernels.windowFour(memory.address('frames'), memory.address('window'), work)
      kernels.transformFour(work, memory.address('twiddles'))
      kernels.powerFour(work, memory.address('places'), memory.address('turns'), power)
      kernels.logBandsFour(
        power,
        memory.address('bands'),
        memory.address('weights'),
        this.nMels,
        FLOOR,
        out + 4 * row * this.nMels,
      )
    }
  }

  /** Copies one frame, with zeros where it reaches beyond its sound. */
  private stage(lane: number, { samples, nSamples, grid }: FramedSounds, row: number): void {
    const nFrames = grid.centres.length
    const sound = Math.floor(row / nFrames)
    const begin = grid.centres[row % nFrames] - HALF_FRAME
    const from = Math.max(0, begin)
    const to = Math.min(nSamples, begin + SPECTRUM_FRAME)
    const { f32 } = this.memory
    const target = this.samplesAt + lane * SPECTRUM_FRAME
    f32.fill(0, target, target + from - begin)
    f32.set(samples.subarray(sound * nSamples + from, sound * nSamples + to), target + from - begin)
    f32.fill(0, target + to - begin, target + SPECTRUM_FRAME)
  }
}

function tableOf({ melFilters }: NaiveWeights) {
  return bandTable(melFilters, melFilters.length / SPECTRUM_BINS, SPECTRUM_BINS)
}
