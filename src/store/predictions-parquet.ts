import type { SchemaElement } from 'hyparquet'
import { ByteWriter, type ColumnSource, parquetWrite } from 'hyparquet-writer'
import type { ClipPredictionInput } from './predictions.js'
import type { RunJson } from './run-json.js'

type ScenePrediction = Extract<ClipPredictionInput, { probabilities: unknown }>
type EventPrediction = Extract<ClipPredictionInput, { events: unknown }>

/** Values of a row group: a reader that takes one group at a time needs some 4 MiB, with 12 classes or with 200. */
const ROW_GROUP_VALUES = 2 ** 20
const SMALLEST_ROW_GROUP = 1000

/** A column with its place in the schema. */
interface Column {
  readonly schema: readonly SchemaElement[]
  readonly source: ColumnSource
}

/**
 * The bytes of `predictions.parquet`: the predictions of `predictions.jsonl` as columns, for pandas, DuckDB and their
 * like.
 *
 * Scene tasks: one row per prediction, with clip, split, seed (int64, null where one seed was run), labels (a list of
 * text) and for each class, in the order of the vocabulary, `p:<class>` (float32). Event tasks: one row per event, with
 * clip, split, seed, kind (`reference` or `predicted`), label, start_ms and end_ms (float64); a clip without any event
 * has no row. Rows come in the order of `predictions`, a clip's reference events before its predicted ones.
 *
 * @throws Error for a prediction of another kind than the task's, or without one probability per class.
 */
export function predictionsParquet(
  task: Pick<RunJson['task'], 'embeddingType' | 'classes'>,
  predictions: readonly ClipPredictionInput[],
): Uint8Array {
  const columns =
    task.embeddingType === 'scene' ? sceneColumns(task.classes, predictions) : eventColumns(predictions)
  const writer = new ByteWriter()
  parquetWrite({
    writer,
    columnData: columns.map(({ source }) => source),
    schema: [{ name: 'root', num_children: columns.length }, ...columns.flatMap(({ schema }) => schema)],
    rowGroupSize: Math.max(SMALLEST_ROW_GROUP, Math.floor(ROW_GROUP_VALUES / columns.length)),
    createdBy: 'hearkit',
    kvMetadata: [{ key: 'hearkit.format', value: 'hearkit-predictions/1' }],
  })
  return writer.getBytes()
}

function sceneColumns(classes: readonly string[], predictions: readonly ClipPredictionInput[]): Column[] {
  const scenes = predictions.map((prediction): ScenePrediction => {
    if (!('probabilities' in prediction) || prediction.probabilities.length !== classes.length)
      throw new Error(
        `the prediction of ${prediction.clip} is not one probability for each of ${classes.length} classes`,
      )
    return prediction
  })
  return [
    ...identity(scenes),
    {
      schema: [
        { name: 'labels', repetition_type: 'REQUIRED', converted_type: 'LIST', num_children: 1 },
        { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
        { name: 'element', type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'REQUIRED' },
      ],
      source: { name: 'labels', data: scenes.map(({ labels }) => labels) },
    },
    ...classes.map((label, c): Column => {
      const name = `p:${label}`
      const data = Float32Array.from(scenes, ({ probabilities }) => probabilities[c])
      // Trying a dictionary on probabilities costs time and never pays.
      return {
        schema: [{ name, type: 'FLOAT', repetition_type: 'REQUIRED' }],
        source: { name, data, encoding: 'PLAIN' },
      }
    }),
  ]
}

function eventColumns(predictions: readonly ClipPredictionInput[]): Column[] {
  const rows = predictions.flatMap((prediction) => {
    if (!('events' in prediction)) throw new Error(`the prediction of ${prediction.clip} holds no events`)
    const { clip, split, seed, labels, events }: EventPrediction = prediction
    return [
      ...labels.map((event) => ({ clip, split, seed, kind: 'reference', ...event })),
      ...events.map((event) => ({ clip, split, seed, kind: 'predicted', ...event })),
    ]
  })
  return [
    ...identity(rows),
    text(
      'kind',
      rows.map(({ kind }) => kind),
    ),
    text(
      'label',
      rows.map(({ label }) => label),
    ),
    milliseconds(
      'start_ms',
      Float64Array.from(rows, ({ start }) => start),
    ),
    milliseconds(
      'end_ms',
      Float64Array.from(rows, ({ end }) => end),
    ),
  ]
}

function identity(rows: readonly Pick<ClipPredictionInput, 'clip' | 'split' | 'seed'>[]): Column[] {
  return [
    text(
      'clip',
      rows.map(({ clip }) => clip),
    ),
    text(
      'split',
      rows.map(({ split }) => split),
    ),
    {
      schema: [{ name: 'seed', type: 'INT64', repetition_type: 'OPTIONAL' }],
      source: { name: 'seed', data: rows.map(({ seed }) => (seed === undefined ? null : BigInt(seed))) },
    },
  ]
}

function text(name: string, data: string[]): Column {
  return {
    schema: [{ name, type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'REQUIRED' }],
    source: { name, data },
  }
}

function milliseconds(name: string, data: Float64Array): Column {
  return { schema: [{ name, type: 'DOUBLE', repetition_type: 'REQUIRED' }], source: { name, data } }
}
