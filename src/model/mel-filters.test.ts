import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { fixtureRoots } from '../../test/fixtures.js'
import { hannWindow } from '../num/hann-window.js'
import { readFloat32Npy } from '../store/npy.js'
import { slaneyMelFilters } from './mel-filters.js'

const golden = (name: string) => readFloat32Npy(join(fixtureRoots()[0], 'baseline', name))

describe('slaneyMelFilters', () => {
  it('gives the matrix of the published baseline, bit for bit', async () => {
    const { data, shape } = await golden('mel_scale.npy')
    const filters = slaneyMelFilters(256, 4096, 44100)
    expect(shape).toEqual([256, 2049])
    expect(filters).toHaveLength(data.length)
    expect(data.findIndex((weight, i) => filters[i] !== weight)).toBe(-1)
  })

  it('gives every wide triangle an area of 1 over frequency', () => {
    const filters = slaneyMelFilters(40, 4096, 16000)
    for (let band = 20; band < 40; band++) {
      const row = filters.subarray(band * 2049, (band + 1) * 2049)
      expect(row.reduce((sum, weight) => sum + weight, 0) * (16000 / 4096)).toBeCloseTo(1, 2)
    }
  })

  it('refuses bands too narrow for the FFT', () => {
    expect(() => slaneyMelFilters(256, 512, 44100)).toThrowErrorMatchingInlineSnapshot(
      `[HearError: Mel band 0 of 256 holds no bin of an FFT of 512 at 44100 Hz.]`,
    )
  })
})

describe('hannWindow', () => {
  it('is the periodic window of the published baseline to four roundings', async () => {
    const { data } = await golden('window.npy')
    const window = hannWindow(4096)
    expect(Math.max(...window.map((value, n) => Math.abs(value - data[n])))).toBeLessThan(4 * 2 ** -24)
    expect([window[0], window[2048], window.length]).toEqual([0, 1, 4096])
    expect(hannWindow(0)).toHaveLength(0)
  })
})
