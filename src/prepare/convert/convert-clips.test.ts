import { describe, expect, it } from 'vitest'
import { conversionJobs } from './convert-clips.js'

const plan = (
  clips: readonly { fileName: string; path: string; cut?: { startSample: number; nSamples: number } }[],
) => ({
  splits: new Map([['train', clips]]),
})

describe('conversionJobs', () => {
  it('gathers the clips of a file, in the order of the plan', () => {
    const cut = { startSample: 0, nSamples: 4 }
    const splits = new Map([
      [
        'train',
        [
          { fileName: '1.wav', path: 'x', cut },
          { fileName: '2.wav', path: 'y' },
        ],
      ],
      ['test', [{ fileName: '3.wav', path: 'x' }]],
    ])
    expect(conversionJobs({ splits }, [8000, 16000], () => false)).toEqual([
      {
        path: 'x',
        clips: [
          { split: 'train', fileName: '1.wav', cut },
          { split: 'test', fileName: '3.wav', cut: undefined },
        ],
        sampleRates: [8000, 16000],
      },
      {
        path: 'y',
        clips: [{ split: 'train', fileName: '2.wav', cut: undefined }],
        sampleRates: [8000, 16000],
      },
    ])
  })

  it('leaves out clips that are there, and rates that no clip of the file lacks', () => {
    const clips = ['1.wav', '2.wav', '3.wav'].map((fileName) => ({
      fileName,
      path: fileName === '3.wav' ? 'y' : 'x',
    }))
    const jobs = conversionJobs(
      plan(clips),
      [8000, 16000],
      ({ fileName }, rate) => fileName !== '2.wav' || rate === 8000,
    )
    expect(jobs).toEqual([
      { path: 'x', clips: [{ split: 'train', fileName: '2.wav', cut: undefined }], sampleRates: [16000] },
    ])
  })

  it('takes a recording that is cut into very many clips', () => {
    const clips = Array.from({ length: 300_000 }, (_, i) => ({
      fileName: `${i}.wav`,
      path: 'one',
      cut: { startSample: i, nSamples: 1 },
    }))
    const [job, ...others] = conversionJobs(plan(clips), [16000], () => false)
    expect(job.clips.length).toBe(300_000)
    expect(others).toEqual([])
  }, 5000)
})
