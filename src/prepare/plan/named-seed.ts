import { createHash } from 'node:crypto'

/**
 * The seed that hear-preprocess makes of a name, from 0 to 2^32 - 2: the SHA-1 of its UTF-8 as a big-endian integer,
 * modulo 2^32 - 1.
 * Source: hear-preprocess 2021.1.1, hearpreprocess/util/luigi.py, `str2int`. *Differs*: nothing.
 */
export function namedSeed(name: string): number {
  const digest = createHash('sha1').update(name, 'utf8').digest('hex')
  return Number(BigInt(`0x${digest}`) % (2n ** 32n - 1n))
}
