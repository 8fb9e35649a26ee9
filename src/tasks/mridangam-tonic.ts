import { wavsUnder } from './clip-paths.js'
import { mridangamField, mridangamStroke } from './mridangam-stroke.js'
import type { TaskDefinition } from './task.js'

/** The same recordings as mridangam_stroke, told apart by the tonic that the drum is tuned to. */
export const mridangamTonic: TaskDefinition = {
  ...mridangamStroke,
  about: 'Tell which of six tonics a mridangam is tuned to.',
  nLabels: 6,
  config: { ...mridangamStroke.config, task_name: 'mridangam_tonic' },
  clips: (files) =>
    wavsUnder(files, 'train/mridangam_stroke_1.5').map((path) => ({
      path,
      label: mridangamField(path, 2),
      split: 'train',
    })),
}
