import { normalQuantile } from '../../metrics/normal-quantile.js'

/**
 * Wilson's score interval of a proportion, within [0, 1]: an interval of positive width also where the proportion
 * is 0 or 1.
 *
 * @param proportion in [0, 1]
 * @param trials more than 0; need not be whole.
 * @param level e.g. 0.95
 * Source: Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22 (1927).
 */
export function wilsonInterval(
  proportion: number,
  trials: number,
  level: number,
): [low: number, high: number] {
  const z = normalQuantile((1 + level) / 2)
  const shrink = 1 + (z * z) / trials
  const centre = (proportion + (z * z) / (2 * trials)) / shrink
  const half =
    (z / shrink) * Math.sqrt((proportion * (1 - proportion)) / trials + (z * z) / (4 * trials * trials))
  return [Math.max(0, Math.min(proportion, centre - half)), Math.min(1, Math.max(proportion, centre + half))]
}
