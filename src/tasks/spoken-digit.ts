import { fileStem, wavsIn } from './clip-paths.js'
import { strangeFile } from './strange-file.js'
import type { TaskDefinition } from './task.js'
import { TFDS_TABLES, type TfdsCorpus, tfdsClips } from './tfds/tfds-clips.js'

const RECORDINGS = 'train/free-spoken-digit-dataset-1.0.9/recordings'

/** Five speakers, fifty recordings of each digit by each: `<digit>_<speaker>_<number>.wav`. */
const CORPUS: TfdsCorpus = {
  dataset: 'spoken_digit',
  splits: { train: { name: 'train', nExamples: 2500, nShards: 1 } },
  examples: (files) =>
    wavsIn(files, RECORDINGS).map((path) => {
      const key = fileStem(path)
      const label = /^([0-9])_[a-z]+_[0-9]+$/.exec(key)?.[1]
      if (label === undefined) throw strangeFile(path, 'a name such as 7_jackson_32.wav')
      return { path, key, label, split: 'train' }
    }),
}

/** Which digit is spoken. An open task of HEAR's that its benchmark of 19 leaves out. */
export const spokenDigit: TaskDefinition = {
  about: 'Tell ten spoken digits apart.',
  licence: 'CC BY-SA 4.0',
  citation:
    'Z. Jackson et al., "Free Spoken Digit Dataset", v1.0.9, https://github.com/Jakobovski/free-spoken-digit-dataset',
  nLabels: 10,
  sourceNote:
    "HEAR took the audio from TensorFlow Datasets (spoken_digit 1.0.9), which takes it from its authors' release v1.0.9, as we do: the same 16-bit samples. HEAR's file names are worked out as TensorFlow Datasets orders its examples, so the folds are the same; all 2500 names were checked against HEAR's. In HEAR's own small archive the clips are nearly silent, 65536 times too quiet.",
  config: {
    task_name: 'spoken_digit',
    version: '1.0.9',
    embedding_type: 'scene',
    prediction_type: 'multiclass',
    split_mode: 'new_split_kfold',
    nfolds: 5,
    sample_duration: 0.56,
    evaluation: ['top1_acc'],
    tfds_task_name: 'spoken_digit',
    tfds_task_version: '1.0.9',
    extract_splits: ['train'],
    default_mode: 'full',
  },
  modes: {
    full: { max_task_duration_by_fold: null },
    small: {
      download_urls: [
        {
          split: 'train',
          url: 'https://github.com/hearbenchmark/hear2021-open-tasks-downsampled/raw/main/spoken_digit-small.zip',
          md5: '69d50c15805ea11beb12d9a4db1d4c2a',
        },
      ],
      max_task_duration_by_fold: null,
    },
  },
  sources: {
    full: [
      {
        split: 'train',
        url: 'https://github.com/Jakobovski/free-spoken-digit-dataset/archive/v1.0.9.tar.gz',
        sha256: '8bc44cde129d505cbbb6b365c09f80c663f2aa77578afc634e6141a2f87100c0',
      },
    ],
  },
  reads: TFDS_TABLES,
  clips: (files, config, mode) => tfdsClips(CORPUS, files, config, mode),
}
