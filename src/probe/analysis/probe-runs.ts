import type { Figure } from '../../metrics/metric.js'
import type { ClipPrediction } from '../../store/predictions.js'
import type { JsonFigure } from './task-analysis.js'

export type ScenePrediction = Extract<ClipPrediction, { probabilities: unknown }>
export type EventPrediction = Extract<ClipPrediction, { events: unknown }>

/** Predictions by the probe that made them (split and seed), in the order in which the probes are first met. */
export function byProbe<P extends ClipPrediction>(predictions: readonly P[]): P[][] {
  const probes = new Map<string, P[]>()
  for (const prediction of predictions) {
    const key = JSON.stringify([prediction.split, prediction.seed ?? null])
    const probe = probes.get(key)
    if (probe === undefined) probes.set(key, [prediction])
    else probe.push(prediction)
  }
  return [...probes.values()]
}

/** Predictions by the clip that they are of; clips of one name in two splits are two clips. */
export function byClip<P extends ClipPrediction>(predictions: readonly P[]): Map<string, P[]> {
  const clips = new Map<string, P[]>()
  for (const prediction of predictions) {
    const key = clipKey(prediction)
    const tests = clips.get(key)
    if (tests === undefined) clips.set(key, [prediction])
    else tests.push(prediction)
  }
  return clips
}

/** Tells clips apart. */
export function clipKey({ clip, split }: Pick<ClipPrediction, 'clip' | 'split'>): string {
  return JSON.stringify([split, clip])
}

/** A figure of the metrics as JSON has it. */
export function jsonFigure(figure: Figure): JsonFigure {
  return figure.kind === 'value' ? figure.value : { undefined: figure.reason }
}
