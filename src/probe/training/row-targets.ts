import type { ClipTargets } from '../../metrics/metric.js'
import type { EmbeddingSplit } from '../../store/embedding-folder.js'
import { VocabularyIndex } from '../../store/label-vocabulary.js'
import type { TaskMetadata } from '../../store/task-metadata.js'
import { markActiveFrames } from '../events/frame-labels.js'

/**
 * What a probe is to say of every row of a split: the class index of a multiclass scene, else one 0 or 1 per
 * label, [rows, labels]: the labels of a scene, or those active at a frame. The arrays lie over
 * SharedArrayBuffers.
 *
 * @throws HearError for a label outside the vocabulary.
 */
export function rowTargets(
  split: EmbeddingSplit,
  metadata: Pick<TaskMetadata, 'prediction_type'>,
  vocabulary: readonly string[],
): ClipTargets {
  const { clips, clipStarts, timestampsMs, labels, embeddings } = split
  const index = new VocabularyIndex(vocabulary)
  const classOf = (label: string) => index.of(label, `The split ${split.name}`)
  if (labels.kind === 'scene' && metadata.prediction_type === 'multiclass') {
    const classIndex = new Int32Array(new SharedArrayBuffer(4 * embeddings.rows))
    clips.forEach((clip, row) => {
      classIndex[row] = classOf(labels.clips.get(clip)![0])
    })
    return { kind: 'multiclass', classIndex }
  }
  const classes = vocabulary.length
  const data = new Uint8Array(new SharedArrayBuffer(embeddings.rows * classes))
  clips.forEach((clip, i) => {
    if (labels.kind === 'scene') {
      for (const label of labels.clips.get(clip)!) data[clipStarts[i] * classes + classOf(label)] = 1
    } else {
      const frames = timestampsMs!.subarray(clipStarts[i], clipStarts[i + 1])
      markActiveFrames(labels.clips.get(clip)!, frames, classOf, { data, classes, firstRow: clipStarts[i] })
    }
  })
  return { kind: 'multilabel', hot: data }
}
