import { HearError, nearestName } from '../base/errors.js'
import { beehiveStatesFold0 } from './beehive-states-fold0.js'
import { beehiveStatesFold1 } from './beehive-states-fold1.js'
import { beijingOpera } from './beijing-opera.js'
import { coughvid } from './coughvid.js'
import { dcase2016Task2 } from './dcase2016-task2.js'
import { esc50 } from './esc50.js'
import { fsd50k } from './fsd50k.js'
import { libricount } from './libricount.js'
import { mridangamStroke } from './mridangam-stroke.js'
import { mridangamTonic } from './mridangam-tonic.js'
import { nsynthPitch } from './nsynth-pitch.js'
import { nsynthPitchKfold } from './nsynth-pitch-kfold.js'
import { speechCommands } from './speech-commands.js'
import type { TaskDefinition } from './task.js'
import { vocalImitation } from './vocal-imitation.js'
import { voxLinguaTop10 } from './vox-lingua-top10.js'

/** Every built-in task, by name. */
export const TASKS: readonly TaskDefinition[] = [
  beehiveStatesFold0,
  beehiveStatesFold1,
  beijingOpera,
  coughvid,
  dcase2016Task2,
  esc50,
  fsd50k,
  libricount,
  mridangamStroke,
  mridangamTonic,
  nsynthPitch,
  nsynthPitchKfold,
  speechCommands,
  vocalImitation,
  voxLinguaTop10,
]

/** The task of this name, letter for letter. @throws HearError `tasks/unknown`, with the nearest name. */
export function taskByName(name: string): TaskDefinition {
  const task = TASKS.find((candidate) => candidate.config.task_name === name)
  if (task !== undefined) return task
  const names = TASKS.map((candidate) => candidate.config.task_name)
  const nearest = nearestName(name, names)
  throw new HearError('tasks/unknown', `Expected the name of a task, found "${name}".`, {
    hint: nearest === undefined ? `Use one of ${names.join(', ')}.` : `Did you mean ${nearest}?`,
  })
}
