// Milliseconds per second of audio of the naive baseline, on one core, beside PyTorch's.
//
//   npm run build && node bench/naive-baseline.mjs [seconds] [sounds] [rounds]
//
// Where a python3 with torch is found (PYTHON names another), a plain restatement of the baseline runs on one
// thread on the same audio, in turns with ours, so that both see the same machine; else the ratios are against
// figures of the Python original measured elsewhere. Prints medians.
import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { getSceneEmbeddings, getTimestampEmbeddings, loadNaive } from '../dist/model/naive-baseline.js'
import { Random } from '../dist/num/random.js'

/** hear-baseline 2021.1.1 on one core, ms per second of audio. */
const PYTHON_FIGURES = { timestamps: 1.0, scenes: 0.25 }
const SAMPLE_RATE = 44100

const [seconds, nSounds, rounds] = [10, 3, 15].map((value, i) => Number(process.argv[2 + i] ?? value))

const PYTHON_TWIN = `
import sys, time
import numpy as np
import torch

torch.set_num_threads(1)
path, sounds, samples = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
audio = torch.from_numpy(np.fromfile(path, dtype=np.float32).reshape(sounds, samples))
torch.manual_seed(0)
projection = torch.rand(256, 4096) / 16
window = torch.hann_window(4096)

def mel_scale():
    hz = lambda m: np.where(m < 15, m * 200 / 3, 1000 * np.exp(np.log(6.4) / 27 * (m - 15)))
    top = 15 + np.log(22.05) / (np.log(6.4) / 27)
    edges = hz(np.linspace(0, top, 258))
    bins = np.linspace(0, 22050, 2049)
    rise = (bins - edges[:-2, None]) / np.diff(edges)[:-1, None]
    fall = (edges[2:, None] - bins) / np.diff(edges)[1:, None]
    area = 2 / (edges[2:] - edges[:-2])
    return torch.from_numpy((np.maximum(0, np.minimum(rise, fall)) * area[:, None]).astype(np.float32))

filters = mel_scale().T.contiguous()

def frames(hop_ms):
    padded = torch.nn.functional.pad(audio, (2048, 2048))
    step = hop_ms / 1000 * 44100
    starts = [0]
    while round(len(starts) * step) <= samples:
        starts.append(round(len(starts) * step))
    return torch.stack([padded[:, s : s + 4096] for s in starts], dim=1)

def embed(hop_ms):
    framed = frames(hop_ms)
    blocks = framed.flatten(0, 1).split(512)
    rows = [torch.log((torch.fft.rfft(b * window).abs() ** 2) @ filters + 1e-4) @ projection for b in blocks]
    return torch.cat(rows).unflatten(0, framed.shape[:2])

tasks = {"timestamps": lambda: embed(50), "scenes": lambda: embed(250).mean(dim=1)}
print("ready", flush=True)
with torch.no_grad():
    for line in sys.stdin:
        begin = time.perf_counter()
        out = tasks[line.strip()]()
        took = time.perf_counter() - begin
        print(took * 1000, float(out.double().sum()), flush=True)
`

const random = new Random('bench')
const nSamples = Math.round(seconds * SAMPLE_RATE)
const audio = {
  data: Float32Array.from({ length: nSounds * nSamples }, () => random.uniform() - 0.5),
  dims: [nSounds, nSamples],
}

const model = await loadNaive()
const folder = mkdtempSync(join(tmpdir(), 'hearkit-bench-'))
try {
  const twin = await startTwin()
  const ours = { timestamps: [], scenes: [] }
  const theirs = { timestamps: [], scenes: [] }
  for (let round = 0; round < rounds + 2; round++)
    for (const task of ['timestamps', 'scenes']) {
      const begin = performance.now()
      const { data } =
        task === 'scenes' ? getSceneEmbeddings(audio, model) : getTimestampEmbeddings(audio, model).embeddings
      const tookMs = performance.now() - begin
      const other = await twin?.ask(task)
      if (round === 0 && other !== undefined) compare(task, data, other.sum)
      // The first two rounds warm both up.
      if (round < 2) continue
      ours[task].push(tookMs / (nSounds * seconds))
      if (other !== undefined) theirs[task].push(other.tookMs / (nSounds * seconds))
    }
  twin?.stop()
  print(ours, theirs)
} finally {
  rmSync(folder, { recursive: true })
}

function print(ours, theirs) {
  const measured = theirs.scenes.length > 0
  console.log(`${nSounds} sounds of ${seconds} s, median of ${rounds} rounds, ${model.embedder.gemmVersion}`)
  for (const task of ['timestamps', 'scenes']) {
    const mine = median(ours[task])
    const other = measured ? median(theirs[task]) : PYTHON_FIGURES[task]
    const against = measured ? 'PyTorch in the same run' : "the Python original's recorded figure"
    console.log(
      `${task.padEnd(10)} ${mine.toFixed(3)} ms per second of audio; ${against} ${other.toFixed(3)}; ratio ${(mine / other).toFixed(2)}`,
    )
  }
}

/** Both must have done the same work. */
function compare(task, data, sum) {
  const own = data.reduce((total, value) => total + value, 0)
  if (!(Math.abs(own - sum) < 1e-5 * Math.abs(sum)))
    throw new Error(`${task}: our embeddings sum to ${own}, PyTorch's to ${sum}`)
}

function median(values) {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[sorted.length >> 1]
}

async function startTwin() {
  const candidates = [process.env.PYTHON, 'python3', '/usr/bin/python3'].filter((name) => name !== undefined)
  const python = candidates.find((name) => spawnSync(name, ['-c', 'import torch, numpy']).status === 0)
  if (python === undefined) return undefined
  const path = join(folder, 'audio.f32')
  writeFileSync(path, new Uint8Array(audio.data.buffer))
  const child = spawn(python, ['-c', PYTHON_TWIN, path, String(nSounds), String(nSamples)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const next = async () => {
    const { value, done } = await lines.next()
    if (done) throw new Error('the Python twin ended early')
    return value
  }
  await next()
  return {
    async ask(task) {
      child.stdin.write(`${task}\n`)
      const [tookMs, sum] = (await next()).split(' ').map(Number)
      return { tookMs, sum }
    },
    stop: () => child.stdin.end(),
  }
}
