import { spawn } from 'node:child_process'
import { expect, test } from 'vitest'
import { main } from './hear.js'

test.each([[['--help']], [['tasks', 'list']], [['validate', 'no-such-model', '--quick']]])(
  'hear %j says nothing of a bug where nobody reads what it prints',
  async (args) => {
    const child = spawn(process.execPath, [main, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
    child.stdout.destroy()
    let stderr = ''
    child.stderr.on('data', (chunk) => {
      stderr += chunk
    })
    const code = await new Promise((resolve) => child.on('close', resolve))
    expect(stderr).not.toMatch(/EPIPE|\n +at /)
    expect(code).toBe(args[0] === 'validate' ? 2 : 0)
  },
)
