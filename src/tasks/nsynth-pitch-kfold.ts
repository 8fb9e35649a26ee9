import { pythonFloat } from '../store/python-json.js'
import { nsynthPitch } from './nsynth-pitch.js'
import type { TaskDefinition } from './task.js'

/**
 * nsynth_pitch with its three splits thrown together and cut into ten folds by instrument. Prepared by HEAR, not part of
 * its benchmark: 500 clips a fold easily miss one of 88 pitches, which is an error.
 */
export const nsynthPitchKfold: TaskDefinition = {
  ...nsynthPitch,
  about: 'nsynth_pitch in ten folds, no instrument in two of them.',
  config: {
    ...nsynthPitch.config,
    task_name: 'nsynth_pitch_kfold',
    split_mode: 'new_split_kfold',
    nfolds: 10,
  },
  modes: {
    '5h': { max_task_duration_by_fold: pythonFloat(2000) },
    '50h': { max_task_duration_by_fold: pythonFloat(20000) },
    small: { download_urls: nsynthPitch.modes.small.download_urls, max_task_duration_by_fold: null },
  },
}
