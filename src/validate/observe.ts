/** What stood where a tensor was expected: its numbers as they came, whatever their type, or what it was instead. */
export type ObservedTensor =
  | {
      readonly kind: 'tensor'
      /** float32, float64, int64 ...; the type of the values as they came. */
      readonly dtype: string
      readonly dims: readonly number[]
      /** Row-major; undefined where the values were left behind. */
      readonly data: Float32Array | Float64Array | undefined
      /** How many values are NaN or infinite, and the first of them. */
      readonly nNotFinite: number
      readonly firstNotFinite: number | undefined
    }
  | { readonly kind: 'other'; readonly description: string }

export type Observed = Extract<ObservedTensor, { kind: 'tensor' }>

/** An attribute as it came: its type, its text, and its value if that is a number. */
export interface ObservedAttribute {
  readonly type: string
  readonly text: string
  readonly value: number | undefined
}

const DTYPES: Readonly<Record<string, string>> = {
  Float32Array: 'float32',
  Float64Array: 'float64',
  Float16Array: 'float16',
  Int8Array: 'int8',
  Uint8Array: 'uint8',
  Uint8ClampedArray: 'uint8',
  Int16Array: 'int16',
  Uint16Array: 'uint16',
  Int32Array: 'int32',
  Uint32Array: 'uint32',
  BigInt64Array: 'int64',
  BigUint64Array: 'uint64',
}

/**
 * Looks at something that should be a tensor, without trusting it: any typed array counts as data, and dims must
 * be whole numbers whose product is its length.
 *
 * A tensor that names its own type (as onnxruntime's do, whose float16 values lie in a Uint16Array) is believed.
 */
export function observeTensor(value: unknown, keepValues = true): ObservedTensor {
  const other = (description: string): ObservedTensor => ({ kind: 'other', description })
  if (typeof value !== 'object' || value === null) return other(describe(value))
  if (Array.isArray(value) || ArrayBuffer.isView(value)) return other(`${describe(value)} without dims`)
  const { data, dims, type } = value as { data?: unknown; dims?: unknown; type?: unknown }
  const arrayName = Object.prototype.toString.call(data).slice(8, -1)
  if (!(arrayName in DTYPES)) return other(`an object whose data is ${describe(data)}`)
  if (!isList(dims)) return other(`an object whose dims are ${describe(dims)}`)
  const shape = Array.from(dims, Number)
  const values = data as ArrayLike<number | bigint>
  if (shape.some((size) => !Number.isSafeInteger(size) || size < 0))
    return other(`a tensor of dims [${shape.join(', ')}]`)
  const promised = shape.reduce((product, size) => product * size, 1)
  if (promised !== values.length)
    return other(`a tensor of dims [${shape.join(', ')}], so ${promised} values, that holds ${values.length}`)
  const dtype = typeof type === 'string' && type !== '' ? type : DTYPES[arrayName]
  if (!keepValues && dtype === 'float32')
    return { kind: 'tensor', dtype, dims: shape, data: undefined, ...notFinite(values as Float32Array) }
  const numbers =
    arrayName === 'Float32Array' ? (values as Float32Array) : Float64Array.from(Array.from(values, Number))
  return { kind: 'tensor', dtype, dims: shape, data: keepValues ? numbers : undefined, ...notFinite(numbers) }
}

/** Looks at an attribute of a model. */
export function observeAttribute(value: unknown): ObservedAttribute {
  return {
    type: value === null ? 'null' : typeof value,
    text: describe(value),
    value: typeof value === 'number' ? value : undefined,
  }
}

/** A value in a few words: numbers and short texts as they are, the rest by kind and size. */
export function describe(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (value === null || typeof value === 'number' || typeof value === 'boolean') return String(value)
  if (typeof value === 'bigint') return `${value}n, a bigint`
  if (typeof value === 'string')
    return value.length > 60 ? `a text of ${value.length} characters` : `"${value}"`
  if (typeof value === 'function') return 'a function'
  if (Array.isArray(value)) return `a plain list of ${value.length}`
  if (ArrayBuffer.isView(value)) return `a ${value.constructor.name}`
  const keys = Object.keys(value)
  return keys.length === 0 ? 'an object without keys' : `an object with ${keys.slice(0, 5).join(', ')}`
}

function isList(value: unknown): value is ArrayLike<unknown> & Iterable<unknown> {
  return Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView))
}

function notFinite(data: Float32Array | Float64Array): Pick<Observed, 'nNotFinite' | 'firstNotFinite'> {
  let nNotFinite = 0
  let firstNotFinite: number | undefined
  for (let i = 0; i < data.length; i++) {
    // Infinity minus itself is NaN, and so is NaN: one subtraction asks for both.
    if (data[i] - data[i] === 0) continue
    if (nNotFinite === 0) firstNotFinite = data[i]
    nNotFinite++
  }
  return { nNotFinite, firstNotFinite }
}
