import { pythonFloat } from '../store/python-json.js'
import { fileName, wavsUnder } from './clip-paths.js'
import type { TaskDefinition } from './task.js'
import { TFDS_TABLES, type TfdsCorpus, tfdsClips } from './tfds/tfds-clips.js'

/**
 * 64 tracks of each kind, in `music_wav` and `speech_wav`. Other files are passed over, as TensorFlow Datasets does: a
 * copy made on a Mac holds one that begins with `._` beside each.
 */
const TRACK = /\/(music|speech)_[^/]*\/[\w-]*\.wav$/

const CORPUS: TfdsCorpus = {
  dataset: 'gtzan_music_speech',
  splits: { train: { name: 'train', nExamples: 128, nShards: 4 } },
  examples: (files) =>
    wavsUnder(files, 'train/music_speech').flatMap((path) => {
      const label = TRACK.exec(path)?.[1]
      return label === undefined ? [] : [{ path, key: fileName(path), label, split: 'train' as const }]
    }),
}

/** GTZAN's collection of music and speech. */
export const tfdsGtzanMusicSpeech: TaskDefinition = {
  about: 'Tell music from speech.',
  licence: 'None stated: excerpts of published recordings and broadcasts, collected for research',
  citation: 'G. Tzanetakis, "GTZAN Music/Speech Collection", 1999, http://marsyas.info',
  nLabels: 2,
  sourceNote:
    "HEAR took the audio from TensorFlow Datasets (gtzan_music_speech 1.0.0), which takes it from this very archive of its author's: 128 wav files of 22050 Hz, mono, 16 bit, whose samples it keeps. HEAR's file names are worked out as TensorFlow Datasets orders its examples, in 4 shards (what its rule gives for its 424.64 MiB, and what names of HEAR's published clips say), so the folds are the same. The author's host has been out of reach since 2022: where you have music_speech.tar.gz, name its folder as --source.",
  config: {
    task_name: 'tfds_gtzan_music_speech',
    version: '1.0.0',
    embedding_type: 'scene',
    prediction_type: 'multiclass',
    split_mode: 'new_split_kfold',
    nfolds: 10,
    sample_duration: pythonFloat(30),
    evaluation: ['top1_acc', 'mAP', 'd_prime', 'aucroc'],
    tfds_task_name: 'gtzan_music_speech',
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
          url: 'https://github.com/kmarufraj/s-task/raw/main/gtzan_music_speech-small.zip',
          md5: '11d0448e2c497ce1a3bd1a9ee5710aee',
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
        url: 'http://opihi.cs.uvic.ca/sound/music_speech.tar.gz',
        sha256: '8753bc4129fc0a916d6efcf25dbcaf30e06b41acb44ad7c3d0b5c9d9c90ff546',
      },
    ],
  },
  reads: TFDS_TABLES,
  clips: (files, config, mode) => tfdsClips(CORPUS, files, config, mode),
}
