export function sweep(
  resample: (samples: Int16Array) => Int16Array,
  fromHz: number,
  toHz: number,
): { rippleDb: number; spuriousDb: number }
export function decibels(ratio: number): number
