import { describe, expect, it } from 'vitest'
import { fixtureCases } from '../../test/fixtures.js'
import { frameGrid } from './frame-grid.js'

interface Input {
  num_samples: number
  hop_size_ms: number
  sample_rate: number
}
interface Expected {
  value: { num_frames: number; centre_sample_value: number[]; timestamps: number[] }
}

describe('frameGrid', () => {
  it.each(fixtureCases<Input, Expected>('heareval/frame_audio'))(
    'frames as hear-baseline does: $id',
    (one) => {
      const { num_samples, hop_size_ms, sample_rate } = one.input
      const grid = frameGrid(num_samples, hop_size_ms, sample_rate)
      const { num_frames, centre_sample_value, timestamps } = one.expected.value
      expect(grid.centres).toHaveLength(num_frames)
      // The recorded sound counts 1, 2, 3 ..; 0 is a centre in the padding.
      expect([...grid.centres].map((centre) => (centre < num_samples ? centre + 1 : 0))).toEqual(
        centre_sample_value,
      )
      expect([...grid.timestampsMs]).toEqual(timestamps)
    },
  )

  it('refuses a hop that never moves on', () => {
    for (const hopMs of [0, -1, Number.NaN]) expect(() => frameGrid(100, hopMs, 44100)).toThrow(RangeError)
  })
})
