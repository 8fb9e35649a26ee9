import { fileStem, wavsUnder } from './clip-paths.js'
import { strangeFile } from './strange-file.js'
import type { TaskDefinition } from './task.js'
import { cremaSplits } from './tfds/crema-splits.js'
import { TFDS_TABLES, type TfdsCorpus, tfdsClips } from './tfds/tfds-clips.js'

/** `<speaker>_<sentence>_<emotion>_<intensity>.wav`, split by speaker. */
const CORPUS: TfdsCorpus = {
  dataset: 'crema_d',
  splits: {
    train: { name: 'train', nExamples: 5144, nShards: 16 },
    test: { name: 'test', nExamples: 1556, nShards: 4 },
    valid: { name: 'validation', nExamples: 738, nShards: 2 },
  },
  examples: (files) => {
    const clips = wavsUnder(files, 'AudioWAV').map((path) => {
      const key = fileStem(path)
      const [, speaker, label] = /^(\d{4})_[A-Z]{3}_(ANG|DIS|FEA|HAP|NEU|SAD)_[A-Z]{2}$/.exec(key) ?? []
      if (label === undefined) throw strangeFile(path, 'a name such as 1001_DFA_ANG_XX.wav')
      return { path, key, label, speaker }
    })
    const splits = cremaSplits(clips.map((clip) => clip.speaker))
    return clips.map(({ speaker, ...clip }) => ({ ...clip, split: splits.get(speaker)! }))
  },
}

/** CREMA-D, emotions that actors speak. */
export const tfdsCremaD: TaskDefinition = {
  about: 'Classify six emotions in sentences spoken by actors.',
  licence: 'ODbL 1.0',
  citation:
    'H. Cao et al., "CREMA-D: Crowd-sourced Emotional Multimodal Actors Dataset", IEEE Transactions on Affective Computing 5(4), 2014, doi:10.1109/TAFFC.2014.2336244',
  nLabels: 6,
  sourceNote:
    "HEAR took the audio from TensorFlow Datasets (crema_d 1.0.0), which takes 7438 wav files of 16000 Hz, mono, 16 bit, from their authors' repository and keeps their samples. We take the same files, by TensorFlow Datasets' own list of their addresses and checksums. HEAR's file names are worked out from its split by speaker and the order of its examples, in 16, 4 and 2 shards (what its rule gives for its 1.65 GiB, and what names of HEAR's published clips say); the sizes of the splits are checked, so the folds are the same. Where the repository's download quota is used up, clone its mirror (https://gitlab.com/cs-cooper-lab/crema-d-mirror), put the list beside the wav files, and name their folder as --source.",
  config: {
    task_name: 'tfds_crema_d',
    version: '1.0.0',
    embedding_type: 'scene',
    prediction_type: 'multiclass',
    split_mode: 'new_split_kfold',
    nfolds: 5,
    sample_duration: 5,
    evaluation: ['top1_acc', 'mAP', 'd_prime', 'aucroc'],
    tfds_task_name: 'crema_d',
    tfds_task_version: '1.0.0',
    extract_splits: ['train', 'test', 'valid'],
    default_mode: 'full',
  },
  modes: {
    full: { max_task_duration_by_fold: null },
    small: {
      download_urls: [
        {
          split: 'train',
          url: 'https://github.com/kmarufraj/s-task/raw/main/crema_d-train-small.zip',
          md5: 'a42147d0bed93d579250a064c6a46000',
        },
        {
          split: 'test',
          url: 'https://github.com/kmarufraj/s-task/raw/main/crema_d-test-small.zip',
          md5: 'f7f9d662d43de2ecd6ed2cc75adcf315',
        },
        {
          split: 'valid',
          url: 'https://github.com/kmarufraj/s-task/raw/main/crema_d-valid-small.zip',
          md5: 'd1bdddb23004d421218533b72e64737c',
        },
      ],
      max_task_duration_by_fold: null,
      sample_duration: 2,
    },
  },
  sources: {
    full: [
      {
        name: 'AudioWAV',
        list_url: 'https://storage.googleapis.com/tfds-data/manual_checksums/crema_d.txt',
        sha256: '66b5d959dcee997321baf9080c80022a6937279419446db3a9d4827d839b0abb',
      },
    ],
  },
  reads: TFDS_TABLES,
  clips: (files, config, mode) => tfdsClips(CORPUS, files, config, mode),
}
