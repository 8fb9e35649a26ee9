import { createHash } from 'node:crypto'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { HearError } from '../base/errors.js'
import { hannWindow } from '../num/hann-window.js'
import { SPECTRUM_BINS, SPECTRUM_FRAME } from '../num/kernels/spectrum-tables.js'
import { TorchRandom } from '../num/torch-random.js'
import { readFloat32Npy } from '../store/npy.js'
import { slaneyMelFilters } from './mel-filters.js'

export const NAIVE_SAMPLE_RATE = 44100
export const NAIVE_MELS = 256
export const NAIVE_EMBEDDING_SIZE = 4096

/** SHA-256 of the projection that hear-baseline 2021.1.1 draws (float32, little endian, row-major). */
const PUBLISHED_PROJECTION = '20e99150139e1b13ca16625824f227953bdc706454697f43dbf861acd49690ac'

export interface NaiveWeights {
  /** float32 [256, 4096] */
  readonly projection: Float32Array
  /** float32 [256, 2049] */
  readonly melFilters: Float32Array
  /** float32 [4096] */
  readonly window: Float32Array
  /** One sentence for the user: where the projection comes from. */
  readonly description: string
  /** SHA-256 of the projection, and of filters and window too where a folder brought its own. */
  readonly hash: string
}

/**
 * The naive baseline's matrices. The projection is, without a path, the very one of the published baseline:
 * uniform [0, 1) / sqrt(256), drawn as PyTorch draws it.
 *
 * @param path a .npy file with a projection, or a folder with projection.npy and, if they are there,
 *   mel_scale.npy and window.npy; the others are computed.
 * @param seed of the projection drawn when there is no path; the published baseline has 0.
 * @throws HearError naming the file when it is missing, has another shape or type, or holds NaN or infinity.
 */
export async function naiveWeights(path: string | undefined, seed: number): Promise<NaiveWeights> {
  const melFilters = slaneyMelFilters(NAIVE_MELS, SPECTRUM_FRAME, NAIVE_SAMPLE_RATE)
  const window = hannWindow(SPECTRUM_FRAME)
  if (path === undefined) {
    const projection = drawProjection(seed)
    return describe(
      { projection, melFilters, window },
      `drawn by hearkit's own generator, not by PyTorch, from seed ${seed}`,
      [],
    )
  }
  if (!(await isFolder(path))) {
    const projection = await readMatrix(path, 'projection')
    return describe({ projection, melFilters, window }, `read from "${path}"`, [])
  }
  const projection = await readMatrix(join(path, 'projection.npy'), 'projection')
  const ownFilters = await readIfThere(join(path, 'mel_scale.npy'), 'melFilters')
  const ownWindow = await readIfThere(join(path, 'window.npy'), 'window')
  const own = [ownFilters, ownWindow].filter((matrix) => matrix !== undefined)
  return describe(
    { projection, melFilters: ownFilters ?? melFilters, window: ownWindow ?? window },
    `read from the folder "${path}"`,
    own,
  )
}

/** What each file holds, in the fixed shapes of the baseline. */
const SHAPES = {
  projection: [NAIVE_MELS, NAIVE_EMBEDDING_SIZE],
  melFilters: [NAIVE_MELS, SPECTRUM_BINS],
  window: [SPECTRUM_FRAME],
} as const

function drawProjection(seed: number): Float32Array {
  const numbers = new TorchRandom(seed).rand(NAIVE_MELS * NAIVE_EMBEDDING_SIZE)
  // A division by 16, exact in float32.
  const norm = Math.sqrt(NAIVE_MELS)
  for (let i = 0; i < numbers.length; i++) numbers[i] /= norm
  return numbers
}

function describe(
  matrices: Pick<NaiveWeights, 'projection' | 'melFilters' | 'window'>,
  origin: string,
  own: readonly Float32Array[],
): NaiveWeights {
  const projectionHash = hashOf([matrices.projection])
  const published = projectionHash === PUBLISHED_PROJECTION
  const verdict = published
    ? 'bit for bit that of the published baseline'
    : 'not the published one: its scores do not compare with the leaderboard row of the baseline'
  return {
    ...matrices,
    description: `HEAR naive baseline; its random projection was ${origin} (${verdict}).`,
    hash: own.length === 0 ? projectionHash : hashOf([matrices.projection, ...own]),
  }
}

function hashOf(matrices: readonly Float32Array[]): string {
  const hash = createHash('sha256')
  for (const { buffer, byteOffset, byteLength } of matrices)
    hash.update(new Uint8Array(buffer, byteOffset, byteLength))
  return hash.digest('hex')
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory()
  } catch {
    // Whatever is wrong with the path, reading it as a file says so.
    return false
  }
}

async function readIfThere(path: string, name: keyof typeof SHAPES): Promise<Float32Array | undefined> {
  try {
    await stat(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
  }
  return readMatrix(path, name)
}

async function readMatrix(path: string, name: keyof typeof SHAPES): Promise<Float32Array> {
  if (/\.(pt|pth|ckpt)$/i.test(path))
    throw new HearError(
      'model/torch-weights',
      `"${path}" is a PyTorch file; expected the projection as .npy.`,
      {
        hint: 'Convert it in Python: numpy.save("projection.npy", model.projection.detach().numpy()), or leave out --weights: the published projection is built in.',
      },
    )
  const { data, shape } = await readFloat32Npy(path)
  const expected = SHAPES[name]
  if (shape.length !== expected.length || expected.some((size, axis) => shape[axis] !== size))
    throw new HearError(
      'model/weights-shape',
      `"${path}" holds an array of shape [${shape.join(', ')}]; expected [${expected.join(', ')}].`,
      { hint: hintForShape(shape) },
    )
  const bad = data.findIndex((value) => !Number.isFinite(value))
  if (bad >= 0)
    throw new HearError('model/weights-not-finite', `"${path}" holds ${data[bad]} at element ${bad}.`, {
      hint: 'Write the file again from sound weights.',
    })
  // Out of shared memory, which neither node:crypto nor onnxruntime takes.
  return new Float32Array(data)
}

function hintForShape(shape: readonly number[]): string {
  if (shape[0] === NAIVE_EMBEDDING_SIZE && shape[1] === NAIVE_MELS)
    return 'It seems to be transposed: save array.T, as numpy.ascontiguousarray.'
  return 'Name the projection of the naive baseline, or a folder that holds it as projection.npy.'
}
