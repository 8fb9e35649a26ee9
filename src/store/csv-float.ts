/** Digits that the parser takes; those behind are not looked at, zeros in front count too. */
const MAX_DIGITS = 17
const NUMBER = /^[ \t-\r]*([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,17}))?[ \t-\r]*$/

/**
 * A field of a CSV as the float that pandas reads by default: not always the nearest one, since it multiplies up at
 * most 17 digits, leading zeros included, in double precision and divides once by a power of ten. Spaces around the
 * number are left out; `inf` and `infinity` with or without a sign, in any case, are numbers too.
 *
 * @returns undefined for a field that is no number, or one beyond the range of a double
 * Source: pandas 1.5.3, pandas/_libs/src/parser/tokenizer.c, `precise_xstrtod`; parsers.pyx, `_try_double_nogil`.
 */
export function parseCsvFloat(field: string): number | undefined {
  const match = NUMBER.exec(field)
  if (match === null) return INFINITIES.get(field.toLowerCase())
  const [, sign, whole, decimals = '', exponentText = '0'] = match
  const digits = (whole + decimals).slice(0, MAX_DIGITS)
  if (digits === '') return undefined
  let number = 0
  for (const digit of digits) number = number * 10 + Number(digit)
  if (sign === '-') number = -number
  const nDecimals = Math.max(0, digits.length - whole.length)
  const exponent = Math.max(0, whole.length - MAX_DIGITS) - nDecimals + Number(exponentText)
  return scaled(number, exponent)
}

const INFINITIES: ReadonlyMap<string, number> = new Map(
  ['inf', 'infinity'].flatMap((name) => [
    [name, Infinity],
    [`+${name}`, Infinity],
    [`-${name}`, -Infinity],
  ]),
)

function scaled(number: number, exponent: number): number | undefined {
  if (exponent > 308) return undefined
  if (exponent > 0) {
    const product = number * powerOfTen(exponent)
    return Number.isFinite(product) ? product : undefined
  }
  if (exponent >= -308) return number / powerOfTen(-exponent)
  return exponent < -616 ? 0 : number / powerOfTen(-308 - exponent) / powerOfTen(308)
}

/** The double nearest to 10^n; `10 ** n` is not always it. */
function powerOfTen(n: number): number {
  return Number(`1e${n}`)
}
