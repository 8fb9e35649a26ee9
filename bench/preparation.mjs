// Clips per second of hear prepare, through all five rates, beside the way of hear-preprocess with ffmpeg and soxr.
//
//   npm run build && node bench/preparation.mjs [clips] [rounds]
//
// One-second clips of 44.1 kHz stereo noise in a zip. The peer does what the original does for a clip, one process a
// step: ffprobe, mono, ffprobe, and a resampling for each rate; two clips at a time. It runs in turns with ours, on
// fewer clips, and is left out where there is no ffmpeg. Then one preparation of two recordings of twenty minutes,
// stereo, 24 bits, whole, for the peak of memory. Prints medians and ratios.
import { execFile, fork } from 'node:child_process'
import { createHash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { mkdir, mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import yazl from 'yazl'
import { Random } from '../dist/num/random.js'

const run = promisify(execFile)
const RATES = [16000, 22050, 32000, 44100, 48000]
/** Clips a second of hear-preprocess as measured elsewhere, for its tasks with and without the five resamplings. */
const ORIGINAL = '1 to 13'
const PEER_CLIPS = 12
const WORKERS = availableParallelism()

if (process.argv[2] === '--prepare') await prepareHere(JSON.parse(process.argv[3]))
else await compare(Number(process.argv[2] ?? 1000), Number(process.argv[3] ?? 3))

async function compare(nClips, rounds) {
  const dir = await mkdtemp(join(tmpdir(), 'hearkit-bench-'))
  try {
    const md5 = await writeZip(join(dir, 'noise.zip'), nClips)
    const peer = await hasFfmpeg()
    const [ours, cpuMs, theirs] = [[], [], []]
    let peakMiB = 0
    for (let round = 0; round < rounds; round++) {
      const result = await prepareInChild({ kind: 'zip', dir, md5, out: join(dir, `out-${round}`) })
      ours.push(nClips / result.seconds)
      cpuMs.push((1000 * result.cpuSeconds) / nClips)
      peakMiB = Math.max(peakMiB, result.peakMiB)
      await rm(join(dir, `out-${round}`), { recursive: true })
      if (peer) theirs.push(await peerClipsPerSecond(join(dir, 'peer')))
    }
    console.log(
      `${nClips} clips of 1 s, 44.1 kHz stereo, to ${RATES.join(', ')} Hz, ${WORKERS} threads, ${rounds} rounds`,
    )
    console.log(
      `hear prepare: ${median(ours).toFixed(0)} clips/s (${spread(ours)}), ${median(cpuMs).toFixed(1)} ms of processor time a clip, peak ${peakMiB.toFixed(0)} MiB`,
    )
    if (peer) {
      console.log(
        `ffmpeg and soxr, a process a step: ${median(theirs).toFixed(1)} clips/s (${spread(theirs)})`,
      )
      console.log(`ratio: ${(median(ours) / median(theirs)).toFixed(0)}`)
    } else console.log('no ffmpeg here: no peer')
    console.log(`hear-preprocess, measured elsewhere: ${ORIGINAL} clips/s`)
    await mkdir(join(dir, 'long'))
    for (const name of ['a', 'b']) await writeLong(join(dir, 'long', `${name}.wav`))
    const long = await prepareInChild({ kind: 'long', dir, out: join(dir, 'out-long') })
    console.log(
      `two recordings of 20 min (48 kHz stereo, 24 bits, 346 MB each), whole: ${long.seconds.toFixed(1)} s, peak ${long.peakMiB.toFixed(0)} MiB`,
    )
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}

/** A process of its own, so that the peak of memory is the preparation's alone. */
function prepareInChild(what) {
  return new Promise((resolve, reject) => {
    const child = fork(fileURLToPath(import.meta.url), ['--prepare', JSON.stringify(what)])
    child.on('message', resolve)
    child.on('exit', (code) => code !== 0 && reject(new Error(`the preparation ended with ${code}`)))
  })
}

async function prepareHere({ kind, dir, md5, out }) {
  const [{ prepareTask }, { openSources }] = await Promise.all([
    import('../dist/prepare/prepare-task.js'),
    import('../dist/prepare/sources/open-sources.js'),
  ])
  const clock = { now: Date.now, sleep: (ms, signal) => setTimeout(ms, undefined, { signal }) }
  const source =
    kind === 'zip'
      ? { split: 'train', url: 'http://localhost/noise.zip', md5 }
      : { split: 'train', folder: join(dir, 'long') }
  const definition = {
    about: 'Noise.',
    licence: 'none',
    citation: 'none',
    config: {
      task_name: 'noise',
      version: 'v1',
      embedding_type: 'scene',
      prediction_type: 'multiclass',
      split_mode: kind === 'zip' ? 'new_split_kfold' : 'presplit_kfold',
      nfolds: kind === 'zip' ? 5 : 2,
      sample_duration: kind === 'zip' ? 1 : null,
      evaluation: ['top1_acc'],
      default_mode: 'full',
    },
    modes: { full: { max_task_duration_by_fold: null } },
    clips: ({ paths }) =>
      paths.map((path, i) => ({ path, label: i % 2, split: kind === 'zip' ? 'train' : `fold0${i % 2}` })),
  }
  // Small mode asks for no label in every fold: two recordings cannot have that.
  const mode = kind === 'zip' ? 'full' : 'small'
  definition.modes[mode] = definition.modes.full
  const started = performance.now()
  await prepareTask(definition, {
    mode,
    outDir: out,
    sampleRates: RATES,
    resampler: 'hearkit',
    workers: WORKERS,
    overwrite: false,
    hearkitVersion: 'bench',
    clock,
    open: () =>
      openSources([source], {
        ...clock,
        cacheDir: join(dir, 'cache'),
        source: dir,
        reads: [],
        decodeAudio: () => {
          throw new Error('not read')
        },
      }),
  })
  const seconds = (performance.now() - started) / 1000
  const { user, system } = process.cpuUsage()
  process.send(
    { seconds, cpuSeconds: (user + system) / 1e6, peakMiB: process.resourceUsage().maxRSS / 1024 },
    () => process.disconnect(),
  )
}

async function peerClipsPerSecond(dir) {
  await mkdir(dir, { recursive: true })
  const wav = stereoWav(new Random(7), 44100)
  for (let i = 0; i < PEER_CLIPS; i++) await writeFile(join(dir, `${i}.wav`), wav)
  const probe = (file) => run('ffprobe', ['-v', 'error', '-show_streams', '-of', 'json', file])
  const convert = (from, to, options) => run('ffmpeg', ['-v', 'error', '-y', '-i', from, ...options, to])
  const started = performance.now()
  let next = 0
  await Promise.all(
    Array.from({ length: WORKERS }, async () => {
      while (next < PEER_CLIPS) {
        const i = next++
        const mono = join(dir, `${i}-mono.wav`)
        await probe(join(dir, `${i}.wav`))
        await convert(join(dir, `${i}.wav`), mono, ['-ac', '1', '-c:a', 'pcm_s16le'])
        await probe(mono)
        for (const rate of RATES.filter((one) => one !== 44100))
          await convert(mono, join(dir, `${i}-${rate}.wav`), [
            '-af',
            'aresample=resampler=soxr',
            '-ar',
            String(rate),
          ])
      }
    }),
  )
  return PEER_CLIPS / ((performance.now() - started) / 1000)
}

async function hasFfmpeg() {
  return run('ffmpeg', ['-version']).then(
    ({ stdout }) => stdout.includes('--enable-libsoxr'),
    () => false,
  )
}

async function writeZip(path, nClips) {
  const zip = new yazl.ZipFile()
  const random = new Random(1)
  const written = pipeline(zip.outputStream, createWriteStream(path))
  for (let i = 0; i < nClips; i++)
    zip.addBuffer(stereoWav(random, 44100), `noise/${i}.wav`, { compress: i % 2 === 0 })
  zip.end()
  await written
  return createHash('md5')
    .update(await readFile(path))
    .digest('hex')
}

function wavHeader({ nFrames, rate, channels, bits }) {
  const header = Buffer.alloc(44)
  const frameBytes = (channels * bits) / 8
  header.write('RIFF')
  header.writeUInt32LE(36 + nFrames * frameBytes, 4)
  header.write('WAVEfmt ', 8)
  header.writeUInt32LE(16, 16)
  header.writeUInt16LE(1, 20)
  header.writeUInt16LE(channels, 22)
  header.writeUInt32LE(rate, 24)
  header.writeUInt32LE(rate * frameBytes, 28)
  header.writeUInt16LE(frameBytes, 32)
  header.writeUInt16LE(bits, 34)
  header.write('data', 36)
  header.writeUInt32LE(nFrames * frameBytes, 40)
  return header
}

function stereoWav(random, rate) {
  const samples = Int16Array.from({ length: 2 * rate }, () => Math.round((random.uniform() - 0.5) * 20000))
  return Buffer.concat([
    wavHeader({ nFrames: rate, rate, channels: 2, bits: 16 }),
    Buffer.from(samples.buffer),
  ])
}

async function writeLong(path) {
  const [rate, seconds] = [48000, 1200]
  const file = await open(path, 'w')
  await file.write(wavHeader({ nFrames: rate * seconds, rate, channels: 2, bits: 24 }))
  const random = new Random(2)
  const second = Buffer.from(
    Uint8Array.from({ length: rate * 6 }, (_, i) => (i % 3 === 2 ? 0 : random.uniform() * 255)),
  )
  for (let i = 0; i < seconds; i++) await file.write(second)
  await file.close()
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)]
}

function spread(values) {
  return `${Math.min(...values).toFixed(1)} to ${Math.max(...values).toFixed(1)}`
}
