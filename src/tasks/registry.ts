import { HearError, nearestName } from '../base/errors.js'
import { beehiveStatesFold0 } from './beehive-states-fold0.js'
import { beehiveStatesFold1 } from './beehive-states-fold1.js'
import { beijingOpera } from './beijing-opera.js'
import { coughvid } from './coughvid.js'
import { dcase2016Task2 } from './dcase2016-task2.js'
import { esc50 } from './esc50.js'
import { fsd50k } from './fsd50k.js'
import { gunshotTriangulation } from './gunshot-triangulation.js'
import { libricount } from './libricount.js'
import { maestro } from './maestro.js'
import { mridangamStroke } from './mridangam-stroke.js'
import { mridangamTonic } from './mridangam-tonic.js'
import { nsynthPitch } from './nsynth-pitch.js'
import { nsynthPitchKfold } from './nsynth-pitch-kfold.js'
import { speechCommands } from './speech-commands.js'
import { spokenDigit } from './spoken-digit.js'
import type { TaskDefinition } from './task.js'
import { tfdsCremaD } from './tfds-crema-d.js'
import { tfdsGtzan } from './tfds-gtzan.js'
import { tfdsGtzanMusicSpeech } from './tfds-gtzan-music-speech.js'
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
  gunshotTriangulation,
  libricount,
  maestro,
  mridangamStroke,
  mridangamTonic,
  nsynthPitch,
  nsynthPitchKfold,
  speechCommands,
  spokenDigit,
  tfdsCremaD,
  tfdsGtzan,
  tfdsGtzanMusicSpeech,
  vocalImitation,
  voxLinguaTop10,
]

/**
 * The modes of the tasks that make up HEAR's benchmark. It counts 19 tasks: every mode is one, but the two folds of
 * beehive_states are one together.
 */
export const HEAR_BENCHMARK: Readonly<Record<string, readonly string[]>> = {
  beehive_states_fold0: ['5h'],
  beehive_states_fold1: ['5h'],
  beijing_opera: ['full'],
  dcase2016_task2: ['full'],
  esc50: ['full'],
  fsd50k: ['full'],
  gunshot_triangulation: ['full'],
  libricount: ['full'],
  maestro: ['5h'],
  mridangam_stroke: ['full'],
  mridangam_tonic: ['full'],
  nsynth_pitch: ['5h', '50h'],
  speech_commands: ['5h', 'full'],
  tfds_crema_d: ['full'],
  tfds_gtzan: ['full'],
  tfds_gtzan_music_speech: ['full'],
  vocal_imitation: ['full'],
  vox_lingua_top10: ['full'],
}

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
