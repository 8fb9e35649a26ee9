// Plants copies of clips among real ones and counts which of them hear tasks audit finds, and what else it reports.
// Usage: npm run build && node bench/audit.mjs DIR...   each DIR a folder of wav files of one rate
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { decodeWav } from '../dist/audio/decode-wav.js'
import { encodeWavPcm16 } from '../dist/audio/encode-wav.js'
import { Random } from '../dist/num/random.js'
import { auditTask } from '../dist/prepare/audit/audit-task.js'

const COPIES_PER_FOLDER = 60
const SPLITS = ['train', 'valid', 'test']
const random = new Random('audit')

const rms = (x) => Math.sqrt(x.reduce((sum, v) => sum + v * v, 0) / x.length)
const later = (x, by) => Float32Array.from(x, (_, i) => (i < by ? 0 : x[i - by]))
const padded = (x, before, after) => {
  const out = new Float32Array(before + x.length + after)
  out.set(x, before)
  return out
}
/** Uniform noise: its rms is its width over the square root of 12. */
const noisy = (x, db) => {
  const width = rms(x) * 10 ** (db / 20) * Math.sqrt(12)
  return x.map((v) => v + width * (random.uniform() - 0.5))
}
/** Reads between two samples, which takes away high frequencies too. */
const laterByPart = (x, part) => x.map((v, i) => (1 - part) * v + part * (x[i - 1] ?? 0))

const COPIES = {
  'at -6 dB': (x) => x.map((v) => v / 2),
  '37 ms later': (x, rate) => later(x, Math.round(0.037 * rate)),
  inverted: (x) => x.map((v) => -0.8 * v),
  'in noise at -30 dB': (x) => noisy(x, -30),
  'padded before and after': (x, rate) => padded(x, Math.round(0.3 * rate), Math.round(0.2 * rate)),
  'all at once': (x, rate) =>
    padded(
      noisy(laterByPart(x, 0.37), -30).map((v) => -0.4 * v),
      Math.round(0.056 * rate),
      0,
    ),
}

const found = Object.fromEntries(Object.keys(COPIES).map((how) => [how, { found: 0, planted: 0 }]))
const others = []
for (const folder of process.argv.slice(2)) {
  const names = readdirSync(folder)
    .filter((name) => name.endsWith('.wav'))
    .sort()
  const clips = names.map((name) => ({ name, ...decodeWav(readFileSync(join(folder, name)), name) }))
  const step = Math.max(1, Math.floor(clips.length / COPIES_PER_FOLDER))
  const planted = new Map()
  const hows = Object.keys(COPIES)
  for (let i = 0; i * step < names.length; i++) {
    const { name, samples, sampleRate } = clips[i * step]
    const how = hows[i % hows.length]
    planted.set(`copy ${name}`, { of: name, how })
    clips.push({ name: `copy ${name}`, samples: COPIES[how](samples, sampleRate), sampleRate })
  }
  const scratch = mkdtempSync(join(tmpdir(), 'hear-bench-audit-'))
  try {
    const task = join(scratch, 'planted-1-full')
    const metadata = {
      task_name: 'planted',
      version: '1',
      embedding_type: 'scene',
      prediction_type: 'multiclass',
    }
    const splitting = {
      split_mode: 'trainvaltest',
      sample_duration: null,
      evaluation: ['top1_acc'],
      splits: SPLITS,
      mode: 'full',
    }
    for (const split of SPLITS) mkdirSync(join(task, String(clips[0].sampleRate), split), { recursive: true })
    writeFileSync(join(task, 'task_metadata.json'), JSON.stringify({ ...metadata, ...splitting }))
    writeFileSync(join(task, 'labelvocabulary.csv'), 'idx,label\n0,sound\n')
    const labels = Object.fromEntries(SPLITS.map((split) => [split, {}]))
    for (const [i, { name, samples, sampleRate }] of clips.entries()) {
      const split = SPLITS[i % SPLITS.length]
      labels[split][name] = ['sound']
      writeFileSync(join(task, String(sampleRate), split, name), encodeWavPcm16(samples, sampleRate))
    }
    for (const split of SPLITS) writeFileSync(join(task, `${split}.json`), JSON.stringify(labels[split]))
    const before = process.cpuUsage()
    const { similar } = await auditTask(task)
    const cpuSec = process.cpuUsage(before).user / 1e6
    const seconds = clips.reduce((sum, { samples, sampleRate }) => sum + samples.length / sampleRate, 0)
    const seen = new Set()
    const original = (name) => planted.get(name)?.of ?? name
    for (const { a, b, correlation } of similar) {
      const copy = planted.has(a.clip) ? a.clip : b.clip
      if (original(a.clip) === original(b.clip)) seen.add(copy)
      else others.push(`${a.clip} ~ ${b.clip} (${correlation.toFixed(3)})`)
    }
    for (const [name, { how }] of planted) {
      found[how].planted++
      if (seen.has(name)) found[how].found++
    }
    console.log(
      `${basename(folder)}: ${names.length} clips and ${planted.size} copies, ${seen.size} found; ${(seconds / cpuSec).toFixed(0)} s of sound a second of one core`,
    )
  } finally {
    rmSync(scratch, { recursive: true })
  }
}
for (const [how, counts] of Object.entries(found)) console.log(`${how}: ${counts.found} of ${counts.planted}`)
console.log(`pairs that were not planted: ${others.length}`)
for (const pair of others) console.log(`  ${pair}`)
