// Does protocol hear-2021 reproduce heareval? Evaluates recorded embeddings and compares the test scores with those that
// heareval reached with three seeds: ours must lie within their spread, or within the 95 % interval over the test
// clips around their mean where that is wider.
// Run after `npm run build`: node bench/reproduction.mjs <folder of fixtures/probe> [--seeds 42,43,44] [--out DIR]
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seeds: { type: 'string', default: '42,43,44' }, out: { type: 'string' } },
})
const [root] = positionals
const out = values.out ?? mkdtempSync(join(tmpdir(), 'hearkit-reproduction-'))
const hear = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url))
const read = (path) => JSON.parse(readFileSync(path, 'utf8'))
const scoreOf = (scores) => scores.aggregated_scores?.test_score_mean ?? scores.test.test_score

let outside = 0
for (const name of readdirSync(root).filter((entry) => existsSync(join(root, entry, 'scores')))) {
  const folder = join(root, name)
  const recorded = readdirSync(join(folder, 'scores'))
    .filter((file) => /^\d+\.json$/.test(file))
    .map((file) => scoreOf(read(join(folder, 'scores', file))))
  const points = read(join(folder, 'scores', '42.grid.json')).confs_tried.length
  const results = values.seeds.split(',').map((seed) => {
    const args = [
      'evaluate',
      folder,
      '--json',
      '--seed',
      seed,
      '--grid-points',
      points,
      '--out',
      join(out, seed),
    ]
    const stdout = execFileSync(process.execPath, [hear, ...args.map(String)], {
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    return JSON.parse(stdout).tasks[0]
  })
  const mean = recorded.reduce((sum, score) => sum + score, 0) / recorded.length
  const halfWidths = results.map(({ interval }) =>
    'low' in interval ? (interval.high - interval.low) / 2 : 0,
  )
  const reach = Math.max(...halfWidths)
  const [low, high] = [Math.min(...recorded, mean - reach), Math.max(...recorded, mean + reach)]
  const verdicts = results.map(({ score }) => score >= low && score <= high)
  outside += verdicts.filter((inside) => !inside).length
  const shown = (scores) => scores.map((score) => score.toFixed(4)).join(' ')
  console.log(
    `${name.padEnd(28)} ${results[0].metric.padEnd(22)} heareval ${shown(recorded)}  hearkit ${shown(results.map(({ score }) => score))}  allowed ${low.toFixed(3)} to ${high.toFixed(3)}  ${verdicts.every(Boolean) ? 'within' : 'OUTSIDE'}`,
  )
}
console.log(outside === 0 ? 'every score lies within' : `${outside} scores lie outside`)
process.exitCode = outside === 0 ? 0 : 1
