import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { RunningJobs } from './running-jobs.js'

describe('RunningJobs', () => {
  it('never runs more than it may, and runs all', async () => {
    const jobs = new RunningJobs(3)
    let running = 0
    let most = 0
    let done = 0
    for (let i = 0; i < 20; i++)
      await jobs.start(async () => {
        most = Math.max(most, ++running)
        await sleep(i % 4)
        running--
        done++
      })
    await jobs.finish()
    expect({ most, done }).toEqual({ most: 3, done: 20 })
  })

  it('tells the first failure and waits for what runs', async () => {
    const jobs = new RunningJobs(2)
    let finished = false
    await jobs.start(async () => {
      await sleep(10)
      finished = true
    })
    await jobs.start(() => Promise.reject(new Error('first')))
    await expect(jobs.start(async () => {})).rejects.toThrow('first')
    await expect(jobs.finish()).rejects.toThrow('first')
    expect(finished).toBe(true)
  })
})
