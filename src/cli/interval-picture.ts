/** Columns of a picture; odd, so that 0 has one of its own. */
export const PICTURE_WIDTH = 31

const ZERO = (PICTURE_WIDTH - 1) / 2

/**
 * An interval around 0 as a line of PICTURE_WIDTH characters: `├──●──┤`, with `│` where 0 is, or `┼` where the interval
 * holds it. The value wins where ends or 0 fall on it.
 *
 * @param reach what the right edge stands for; -reach is the left edge. Above 0, and at least as far as any end.
 */
export function intervalPicture(low: number, value: number, high: number, reach: number): string {
  const column = (at: number) =>
    Math.min(PICTURE_WIDTH - 1, Math.max(0, Math.round(ZERO + (at / reach) * ZERO)))
  const [from, to] = [column(low), column(high)]
  const characters = Array.from({ length: PICTURE_WIDTH }, (_, at): string =>
    at === ZERO ? (from < at && at < to ? '┼' : '│') : from <= at && at <= to ? '─' : ' ',
  )
  characters[from] = '├'
  characters[to] = '┤'
  characters[column(value)] = '●'
  return characters.join('')
}

/** The header above such pictures: which side means what. */
export function pictureHeader(left: string, right: string): string {
  const half = (text: string) => text.slice(0, ZERO - 1)
  return `${half(left).padEnd(ZERO)}0${half(right).padStart(ZERO)}`
}
