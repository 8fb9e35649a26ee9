// What hear prepare makes of HEAR's small archives, beside what hear-preprocess made of them: one row a task.
//
//   npm run build && node bench/prepared-tasks.mjs <folder>
//
// <folder> holds fixtures/prepare/<task>-<version>-small (recorded runs of hear-preprocess) and
// data/tasks/hear_small (the archives). Labels, vocabulary and metadata are compared byte for byte, samples by hash;
// where a clip was resampled, with the recorded wavs: soxr's 16-bit output is dithered, so never bit for bit.
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const run = promisify(execFile)
const main = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url))
const [folder] = process.argv.slice(2)
if (folder === undefined) throw new Error('usage: node bench/prepared-tasks.mjs <folder>')

console.log(
  '| task | label files equal | clips equal where not resampled | lengths equal | worst difference | rms difference |',
)
console.log('|---|---|---|---|---|---|')
const recorded = join(folder, 'fixtures', 'prepare')
for (const name of (await readdir(recorded)).sort()) {
  const dir = join(recorded, name)
  if (!existsSync(join(dir, 'audio.csv'))) continue
  const { task_name: task, mode } = JSON.parse(await readFile(join(dir, 'task_metadata.json'), 'utf8'))
  const out = await mkdtemp(join(tmpdir(), 'hearkit-bench-'))
  try {
    const archives = join(folder, 'data', 'tasks', 'hear_small')
    await run(process.execPath, [
      main,
      'prepare',
      task,
      '--mode',
      mode,
      '--source',
      archives,
      '--out',
      out,
      '--cache',
      join(out, 'cache'),
    ])
    console.log(`| ${name} | ${(await compare(dir, join(out, name))).join(' | ')} |`)
  } catch (error) {
    console.log(
      `| ${name} | not prepared: ${
        String(error.stderr ?? error)
          .trim()
          .split('\n')[0]
      } | | | | |`,
    )
  } finally {
    await rm(out, { recursive: true, force: true })
  }
}

async function compare(dir, made) {
  const texts = (await readdir(dir)).filter(
    (file) =>
      file === 'labelvocabulary.csv' || (file.endsWith('.json') && !/^(labelcount|extract)_/.test(file)),
  )
  let equalTexts = 0
  for (const file of texts)
    if ((await readFile(join(dir, file))).equals(await readFile(join(made, file)))) equalTexts++

  // The file names of these tasks hold no commas or quotes.
  const [header, ...lines] = (await readFile(join(dir, 'audio.csv'), 'utf8')).trim().split('\n')
  const columns = header.split(',')
  const wavs = lines.map((line) => Object.fromEntries(line.split(',').map((value, i) => [columns[i], value])))
  let [untouched, equal, lengths] = [0, 0, 0]
  for (const wav of wavs) {
    const pcm = await pcmOf(join(made, wav.sample_rate, wav.split, wav.file))
    if (pcm.length === Number(wav.n_samples)) lengths++
    if (wav.resample_untouched !== '1') continue
    untouched++
    const bytes = new Uint8Array(pcm.buffer)
    if (createHash('sha256').update(bytes).digest('hex') === wav.sha256_pcm_s16le) equal++
  }
  let [worst, squares, n] = [0, 0, 0]
  for (const rate of await readdir(join(dir, 'wavs')))
    for (const split of await readdir(join(dir, 'wavs', rate)))
      for (const file of await readdir(join(dir, 'wavs', rate, split))) {
        const theirs = await pcmOf(join(dir, 'wavs', rate, split, file))
        const ours = await pcmOf(join(made, rate, split, file))
        for (let i = 0; i < theirs.length; i++) {
          worst = Math.max(worst, Math.abs(ours[i] - theirs[i]))
          squares += (ours[i] - theirs[i]) ** 2
        }
        n += theirs.length
      }
  const share = (some, all) => `${some} of ${all}`
  return [
    share(equalTexts, texts.length),
    share(equal, untouched),
    share(lengths, wavs.length),
    `${worst} LSB`,
    `${Math.sqrt(squares / n).toFixed(2)} LSB`,
  ]
}

/** The 16-bit samples of a wav; the chunk of data is looked for, since others may come before it. */
async function pcmOf(path) {
  const bytes = await readFile(path)
  const at = bytes.indexOf('data', 12, 'latin1')
  return new Int16Array(new Uint8Array(bytes.subarray(at + 8, at + 8 + bytes.readUInt32LE(at + 4))).buffer)
}
