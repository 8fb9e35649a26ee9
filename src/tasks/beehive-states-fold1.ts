import { beehiveRows, beehiveStatesFold0 } from './beehive-states-fold0.js'
import type { TaskDefinition } from './task.js'

/** beehive_states_fold0 with the hives exchanged. The benchmark reports the two as one task. */
export const beehiveStatesFold1: TaskDefinition = {
  ...beehiveStatesFold0,
  about: 'Hear whether a beehive has its queen; hive 3 trains, hive 1 tests.',
  config: { ...beehiveStatesFold0.config, task_name: 'beehive_states_fold1' },
  clips: (files) => beehiveRows(files, 'hive3'),
}
