// Milliseconds per second of audio of ONNX models, wall and CPU, on one thread.
//
//   npm run build && node bench/onnx-models.mjs <model.onnx or folder of models>... [--rounds 3]
//
// Each model embeds 60 s of audio, as six clips of 10 s in turn and as one clip, which the adapter cuts where the
// metadata allow it; frames, or scenes where the model has none. Prints medians of the rounds after a first one that
// warms up, and the peak memory of the process so far. If a folder has a MODELS.md with a table of such figures (columns whose
// titles end in "1 thread, 10 s pieces" and "1 thread, whole 60 s"; CPU time in brackets), the ratio to them too.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { openModel } from '../dist/model/open-model.js'
import { Random } from '../dist/num/random.js'

const SECONDS = 60
const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: 'string', default: '3' } },
})
if (positionals.length === 0) {
  console.error('usage: node bench/onnx-models.mjs <model.onnx or folder of models>... [--rounds 3]')
  process.exit(2)
}
const files = positionals.flatMap((path) =>
  statSync(path).isDirectory()
    ? readdirSync(path)
        .filter((name) => name.endsWith('.onnx'))
        .sort()
        .map((name) => join(path, name))
    : [path],
)

console.log('ms per second of audio: wall (CPU); ratio of the CPU time to the figure in MODELS.md')
for (const file of files) {
  const { module, model, close } = await openModel(file)
  const random = new Random('bench')
  const data = Float32Array.from({ length: SECONDS * model.sampleRate }, () => random.uniform() - 0.5)
  const embed = (samples) => {
    const audio = { data: samples, dims: [1, samples.length] }
    return model.timestampEmbeddingSize > 0
      ? module.getTimestampEmbeddings(audio, model)
      : module.getSceneEmbeddings(audio, model)
  }
  const piece = 10 * model.sampleRate
  const ways = {
    'six clips of 10 s': async () => {
      for (let at = 0; at < data.length; at += piece) await embed(data.subarray(at, at + piece))
    },
    'one clip of 60 s': () => embed(data),
  }
  const recorded = figuresIn(join(dirname(file), 'MODELS.md'), basename(file, '.onnx'))
  for (const [i, [way, work]] of Object.entries(ways).entries()) {
    const { wall, cpu } = await measured(work)
    const other = recorded?.[i]
    const ratio = other === undefined ? '' : `; recorded ${other.text}, ratio ${(cpu / other.cpu).toFixed(2)}`
    const peak = Math.round(process.resourceUsage().maxRSS / 1024)
    console.log(
      `${basename(file).padEnd(24)} ${way.padEnd(18)} ${wall.toFixed(2)} (${cpu.toFixed(2)})${ratio}; peak ${peak} MiB`,
    )
  }
  await close()
}

async function measured(work) {
  const [walls, cpus] = [[], []]
  await work()
  for (let round = 0; round < Number(values.rounds); round++) {
    const [began, cpuBefore] = [performance.now(), process.cpuUsage()]
    await work()
    const { user, system } = process.cpuUsage(cpuBefore)
    walls.push((performance.now() - began) / SECONDS)
    cpus.push((user + system) / 1000 / SECONDS)
  }
  return { wall: median(walls), cpu: median(cpus) }
}

function median(numbers) {
  const sorted = numbers.toSorted((a, b) => a - b)
  return sorted[sorted.length >> 1]
}

/** The two recorded figures of a model, or undefined where there are none. */
function figuresIn(path, model) {
  if (!existsSync(path)) return undefined
  const rows = readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map((line) => line.split('|').map((cell) => cell.trim()))
  const header = rows.findIndex((cells) => cells.some((cell) => cell.endsWith('1 thread, 10 s pieces')))
  const row = rows.slice(header + 1).find((cells) => cells[1] === model)
  if (header < 0 || row === undefined) return undefined
  return ['1 thread, 10 s pieces', '1 thread, whole 60 s'].map((title) => {
    const text = row[rows[header].findIndex((cell) => cell.endsWith(title))]
    return { text, cpu: Number(/\(([\d.]+)\)/.exec(text)?.[1]) }
  })
}
