import { HearError } from '../../base/errors.js'
import { archiveName, HEAR_ARCHIVE_VERSION } from '../pack-task.js'

/** One of HEAR's prepared archives: a task folder at one rate. */
export interface WantedArchive {
  /** `<task>-<version>-<mode>` */
  readonly folder: string
  /** Hz */
  readonly sampleRate: number
  /** HEAR's version in the archive's name; any that is known unless given. */
  readonly version?: string
}

export interface PublishedArchive {
  readonly url: string
  /** Where one is known. */
  readonly md5?: string
}

/** The version of hear-preprocess that made HEAR's archives of small modes. */
const SMALL_VERSION = '2021.0.6'
/** The one rate that Zenodo has. */
const ZENODO_RATE = 48000
const SMALL_RATE = 44100

/**
 * Source: hearbenchmark.com, "HEAR Benchmark Tasks and Data" (Zenodo at 48 kHz, the other rates where the reader
 * pays); the names of the files in scripts that fetch record 6332517, the last version of 10.5281/zenodo.5885750.
 */
const ZENODO_FILES = 'https://zenodo.org/records/6332517/files/'
/** Source: hear-preprocess 2021.1.1, README.md, "Breaking change for hear-eval". */
const SMALL_FILES = 'https://github.com/hearbenchmark/hear2021-open-tasks-downsampled/raw/main/preprocessed/'

/**
 * Checksums that are on record elsewhere than beside the archive itself. Source: mteb, scripts/data/beehive/create_data.py
 * (beehive_states); computed from hear2021-open-tasks-downsampled 9ea875f (spoken_digit).
 */
const KNOWN_MD5: Readonly<Record<string, string>> = {
  'hear2021-beehive_states_fold0-v2-full-48000.tar.gz': 'f9e045f9b2ddf5643edc1143304c80aa',
  'hear2021-beehive_states_fold1-v2-full-48000.tar.gz': '8bced7ce8336bf23fd61c61f04aee109',
  'hear-2021.0.6-spoken_digit-1.0.9-small-44100.tar.gz': 'a54f91fffed6ac916673148e5b1913a0',
}

/** The checksum that an archive of this name should have, where one is known. */
export function knownMd5(fileName: string): string | undefined {
  return KNOWN_MD5[fileName]
}

/** The names that an archive may go by, the likeliest first: `hear-<version>-...`, and `hear2021-...` as on Zenodo. */
export function archiveNames({ folder, sampleRate, version }: WantedArchive): string[] {
  if (version !== undefined) return [archiveName(checkedVersion(version), folder, sampleRate)]
  return [
    archiveName(HEAR_ARCHIVE_VERSION, folder, sampleRate),
    archiveName(SMALL_VERSION, folder, sampleRate),
    `hear2021-${folder}-${sampleRate}.tar.gz`,
    archiveName('LATEST', folder, sampleRate),
  ]
}

/**
 * Where HEAR's archive of a task at a rate can be had by anyone: on Zenodo at 48000 Hz, on GitHub for small modes at
 * 44100 Hz.
 * @throws HearError for what is only in buckets where the reader pays, with the ways round it
 */
export function publishedArchive(wanted: WantedArchive): PublishedArchive {
  const { folder, sampleRate, version } = wanted
  const isSmall = folder.endsWith('-small')
  if (isSmall && sampleRate === SMALL_RATE) {
    const fileName = archiveName(checkedVersion(version ?? SMALL_VERSION), folder, sampleRate)
    return { url: SMALL_FILES + fileName, md5: knownMd5(fileName) }
  }
  if (!isSmall && sampleRate === ZENODO_RATE && version === undefined) {
    const fileName = `hear2021-${folder}-${sampleRate}.tar.gz`
    return { url: ZENODO_FILES + fileName, md5: knownMd5(fileName) }
  }
  throw new HearError(
    'pull/no-free-host',
    `HEAR's archive of ${folder} at ${sampleRate} Hz${version === undefined ? '' : ` in version ${version}`} lies on no host that gives it to everyone: ${
      isSmall
        ? `small modes are published at ${SMALL_RATE} Hz`
        : `Zenodo has ${ZENODO_RATE} Hz, and gs://hear2021-archive/tasks/ and s3://hear2021-archive/tasks/ make the reader pay`
    }.`,
    {
      hint: `Make it with hear prepare; or fetch it with an account of yours (gsutil -u PROJECT cp, aws s3 cp --request-payer requester) and give its folder with --source.`,
    },
  )
}

/** It becomes part of a file name. */
function checkedVersion(version: string): string {
  if (/^[A-Za-z0-9.]+$/.test(version)) return version
  throw new HearError(
    'pull/version',
    `Expected a version of HEAR's archives, such as ${SMALL_VERSION}, found "${version}".`,
    { hint: 'It is the part of the name after "hear-".' },
  )
}
