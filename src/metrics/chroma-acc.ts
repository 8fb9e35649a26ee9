import { prepareAccuracy } from './accuracy.js'
import type { ClipMetric } from './metric.js'

/** Semitones in an octave: class indices that differ by a multiple of it have the same chroma. */
const SEMITONES = 12

/**
 * Share of clips whose pitch is right but for the octave. It compares class indices modulo 12, so it holds only
 * for a vocabulary of successive semitones, sorted as numbers.
 */
export const chromaAcc: ClipMetric = {
  id: 'chroma_acc',
  kind: 'clip',
  maximize: true,
  range: [0, 1],
  parts: [],
  prepare: (input) =>
    prepareAccuracy(input, (predicted, target) => predicted % SEMITONES === target % SEMITONES),
}
