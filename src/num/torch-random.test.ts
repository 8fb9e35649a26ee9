import { describe, expect, it } from 'vitest'
import { TorchRandom } from './torch-random.js'

describe('TorchRandom', () => {
  it('is the Mersenne Twister: the C++ standard names its 10000th output from seed 5489', () => {
    const random = new TorchRandom(5489)
    const outputs = Array.from({ length: 10_000 }, () => random.nextUint32())
    expect(outputs.slice(0, 3)).toEqual([3499211612, 581869302, 3890346734])
    expect(outputs[9999]).toBe(4123659995)
  })

  // torch.manual_seed(seed); torch.rand(4), PyTorch 1.13.
  it.each([
    [0, [0.49625658988952637, 0.7682217955589294, 0.08847743272781372, 0.13203048706054688]],
    [1, [0.7576315999031067, 0.2793108820915222, 0.40306925773620605, 0.7346844673156738]],
    [42, [0.8822692632675171, 0.9150039553642273, 0.38286375999450684, 0.9593056440353394]],
    [4294967295, [0.9937993884086609, 0.5713063478469849, 0.5700080394744873, 0.04950374364852905]],
  ])('draws what torch.rand draws after manual_seed(%d)', (seed, expected) => {
    expect([...new TorchRandom(seed).rand(4)]).toEqual(expected)
  })

  it('still agrees with torch.rand after 100000 numbers', () => {
    const numbers = new TorchRandom(0).rand(100_000)
    expect(numbers[99_999]).toBe(Math.fround(0.11559993))
    expect(numbers.reduce((sum, value) => sum + value, 0)).toBeCloseTo(50027.62224692106, 6)
  })

  it('refuses seeds that are not 32-bit numbers', () => {
    for (const seed of [-1, 0.5, 2 ** 32, Number.NaN])
      expect(() => new TorchRandom(seed)).toThrow('expected an integer from 0 to 4294967295')
  })
})
