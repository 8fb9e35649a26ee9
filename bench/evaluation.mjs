// A complete evaluation, process start included, beside a plain PyTorch loop (2 threads) that does the same trainings
// for the same epochs but scores nothing: wall time and peak memory of both, interleaved.
// Run after `npm run build`: node bench/evaluation.mjs <folder of recorded embeddings> [--grid-points 2] [--rounds 1]
import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { dataSplitsOfTask } from '../dist/probe/data-splits.js'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { 'grid-points': { type: 'string', default: '2' }, rounds: { type: 'string', default: '1' } },
})
const [folder] = positionals
const here = (path) => fileURLToPath(new URL(path, import.meta.url))
const read = (path) => JSON.parse(readFileSync(path, 'utf8'))
const median = (numbers) => [...numbers].sort((a, b) => a - b)[numbers.length >> 1]

/** Wall seconds and peak MiB of a command, the latter sampled from /proc ten times a second. */
function timed(command, args) {
  return new Promise((resolve, reject) => {
    const begin = performance.now()
    const child = spawn(command, args, { stdio: 'ignore' })
    let peakMiB = 0
    const sample = setInterval(() => {
      try {
        const [, kib] = readFileSync(`/proc/${child.pid}/status`, 'utf8').match(/VmHWM:\s+(\d+)/) ?? []
        if (kib !== undefined) peakMiB = Math.max(peakMiB, Number(kib) / 1024)
      } catch {
        // ended, or a system without /proc
      }
    }, 100)
    child.on('error', reject)
    child.on('close', (code) => {
      clearInterval(sample)
      if (code === 0) resolve({ seconds: (performance.now() - begin) / 1000, peakMiB })
      else reject(new Error(`${command} ${args[0]} ended with ${code}`))
    })
  })
}

function trainingsOf(run, metadata) {
  const splits = dataSplitsOfTask(metadata)
  const training = (split, { hidden_layers, lr, check_val_every_n_epoch }, epochs) => {
    const { train, valid, test } = split
    return {
      train,
      valid: valid[0],
      test: test[0],
      hidden_layers,
      lr,
      every: check_val_every_n_epoch,
      epochs,
    }
  }
  const chosen = run.gridPoints[run.chosen[0].gridPoint].hyperparameters
  return [
    ...run.gridPoints.map((point) => training(splits[0], point.hyperparameters, point.epochsRun)),
    ...splits.slice(1).map((split, k) => training(split, chosen, run.folds[k + 1].epochsRun)),
  ]
}

const python = ['python3', '/usr/bin/python3'].find(
  (candidate) => spawnSync(candidate, ['-c', 'import torch']).status === 0,
)
const results = { hearkit: [], torch: [] }
for (let round = 0; round < Number(values.rounds); round++) {
  const out = mkdtempSync(join(tmpdir(), 'hearkit-evaluation-'))
  const args = ['evaluate', folder, '--grid-points', values['grid-points'], '--out', out]
  results.hearkit.push(await timed(process.execPath, [here('../dist/cli/main.js'), ...args]))
  if (python === undefined) continue
  const plan = trainingsOf(
    read(join(out, basename(folder), 'run.json')),
    read(join(folder, 'task_metadata.json')),
  )
  results.torch.push(
    await timed(python, [here('./evaluation/torch_trainings.py'), folder, JSON.stringify(plan)]),
  )
}
const shown = (name, runs) =>
  `${name} ${median(runs.map(({ seconds }) => seconds)).toFixed(1)} s, ${median(runs.map(({ peakMiB }) => peakMiB)).toFixed(0)} MiB`
const line = [`${basename(folder)}, ${values['grid-points']} grid points`, shown('hearkit', results.hearkit)]
if (python === undefined) line.push('PyTorch not found, so no ratio')
else {
  const ratio = (of) => median(results.torch.map(of)) / median(results.hearkit.map(of))
  line.push(shown('PyTorch loop', results.torch))
  line.push(`${ratio(({ seconds }) => seconds).toFixed(2)} times as fast`)
  line.push(`${(1 / ratio(({ peakMiB }) => peakMiB)).toFixed(2)} of the memory`)
}
console.log(line.join('; '))
