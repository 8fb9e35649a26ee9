import { pythonFloat } from '../store/python-json.js'
import { fileName, wavsUnder } from './clip-paths.js'
import { strangeFile } from './strange-file.js'
import type { TaskDefinition } from './task.js'
import { TFDS_TABLES, type TfdsCorpus, tfdsClips } from './tfds/tfds-clips.js'

const GENRES = ['blues', 'classical', 'country', 'disco', 'hiphop', 'jazz', 'metal', 'pop', 'reggae', 'rock']

/** A hundred tracks of each genre: `genres/<genre>/<genre>.<number>.wav`. */
const CORPUS: TfdsCorpus = {
  dataset: 'gtzan',
  splits: { train: { name: 'train', nExamples: 1000, nShards: 32 } },
  examples: (files) =>
    wavsUnder(files, 'train/genres').map((path) => {
      const key = fileName(path)
      const label = key.split('.')[0]
      if (!GENRES.includes(label)) throw strangeFile(path, `a name that begins with one of ${GENRES}`)
      return { path, key, label, split: 'train' }
    }),
}

/** GTZAN, the genre of half a minute of music. */
export const tfdsGtzan: TaskDefinition = {
  about: 'Classify 30-second excerpts of music into ten genres.',
  licence: 'None stated: excerpts of published recordings, collected for research',
  citation:
    'G. Tzanetakis, P. Cook, "Musical genre classification of audio signals", IEEE Transactions on Speech and Audio Processing 10(5), 2002, doi:10.1109/TSA.2002.800560',
  nLabels: 10,
  sourceNote:
    "HEAR took the audio from TensorFlow Datasets (gtzan 1.0.0), which takes it from this very archive of its author's: 1000 wav files of 22050 Hz, mono, 16 bit, whose samples it keeps. HEAR's file names are worked out as TensorFlow Datasets orders its examples, in 32 shards (what its rule gives for its 3.71 GiB, and what names of HEAR's published clips say), so the folds are the same. The author's host has been out of reach since 2022: where you have genres.tar.gz, name its folder as --source. Repackings differ, often in a jazz.00054.wav that cannot be read, and the checksum refuses them.",
  config: {
    task_name: 'tfds_gtzan',
    version: '1.0.0',
    embedding_type: 'scene',
    prediction_type: 'multiclass',
    split_mode: 'new_split_kfold',
    nfolds: 10,
    sample_duration: pythonFloat(30),
    evaluation: ['top1_acc', 'mAP', 'd_prime', 'aucroc'],
    tfds_task_name: 'gtzan',
    tfds_task_version: '1.0.0',
    extract_splits: ['train'],
    default_mode: 'full',
  },
  modes: {
    full: { max_task_duration_by_fold: null },
    small: {
      download_urls: [
        {
          split: 'train',
          url: 'https://github.com/kmarufraj/s-task/raw/main/gtzan-small.zip',
          md5: 'c3ac045c759cde4c5f44d2e7daf5d43d',
        },
      ],
      max_task_duration_by_fold: null,
      sample_duration: 2,
    },
  },
  sources: {
    full: [
      {
        split: 'train',
        url: 'http://opihi.cs.uvic.ca/sound/genres.tar.gz',
        md5: '5b3d6dddb579ab49814ab86dba69e7c7',
        sha256: '24347e0223d2ba798e0a558c4c172d9d4a19c00bb7963fe055d183dadb4ef2c6',
      },
    ],
  },
  reads: TFDS_TABLES,
  clips: (files, config, mode) => tfdsClips(CORPUS, files, config, mode),
}
