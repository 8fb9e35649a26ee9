import type { HearModule } from 'hearkit/model'

export const loadModel: HearModule['loadModel']
export const getTimestampEmbeddings: HearModule['getTimestampEmbeddings']
export const getSceneEmbeddings: HearModule['getSceneEmbeddings']
