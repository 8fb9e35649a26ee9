// What the bridge to Python costs: a module that takes 10 ms per clip of 1 s, through py:MODULE, beside the same loop
// inside Python, in turns, so that both see the same machine. Prints the median call and the best one, which tells what it
// costs on an idle machine: whoever waits for a reply also waits for a core.
//
//   npm run build && node bench/python-bridge.mjs [rounds]          (HEAR_PYTHON names another python3, with numpy)
import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { openModel } from '../dist/model/open-model.js'

const rounds = Number(process.argv[2] ?? 7)
const python = process.env.HEAR_PYTHON ?? 'python3'
const folder = fileURLToPath(new URL('./python-bridge', import.meta.url))
const SAMPLES = 16000
/** One clip a call is the worst case; 84 clips of 1 s is the batch that HEAR makes at 16 kHz. */
const CASES = [
  { kind: 'scenes', nSounds: 1, calls: 84 },
  { kind: 'scenes', nSounds: 84, calls: 2 },
  { kind: 'timestamps', nSounds: 1, calls: 84 },
  { kind: 'timestamps', nSounds: 84, calls: 2 },
]

process.env.PYTHONPATH = folder
process.env.PYTHONDONTWRITEBYTECODE = '1'
const { module, model, close } = await openModel('py:ten_ms', { python })

async function bridgeMs({ kind, nSounds, calls }) {
  const embed = kind === 'scenes' ? module.getSceneEmbeddings : module.getTimestampEmbeddings
  const audio = { data: new Float32Array(nSounds * SAMPLES), dims: [nSounds, SAMPLES] }
  const times = []
  for (let i = 0; i < calls; i++) {
    const started = performance.now()
    await embed(audio, model)
    times.push((performance.now() - started) / nSounds)
  }
  return times
}

function insideMs({ kind, nSounds, calls }) {
  const args = [`${folder}/ten_ms.py`, kind, String(nSounds), String(calls)]
  const lines = execFileSync(python, args, { encoding: 'utf8' }).trim().split('\n')
  return lines.map((line) => Number(line) / nSounds)
}

const row = (...cells) =>
  console.log(cells.map((cell, i) => cell[i === 0 ? 'padEnd' : 'padStart'](14)).join(''))
row('ms per clip', 'clips a call', 'in Python', 'bridge', 'overhead', 'best call')
for (const one of CASES) {
  await bridgeMs(one)
  const [inside, bridge] = [[], []]
  for (let round = 0; round < rounds; round++) {
    inside.push(...insideMs(one))
    bridge.push(...(await bridgeMs(one)))
  }
  for (const times of [inside, bridge]) times.sort((a, b) => a - b)
  const [a, b] = [inside, bridge].map((times) => times[Math.floor(times.length / 2)])
  const percent = (from, to) => `${(100 * (to / from - 1)).toFixed(1)} %`
  row(one.kind, String(one.nSounds), a.toFixed(3), b.toFixed(3), percent(a, b), percent(inside[0], bridge[0]))
}
await close()
