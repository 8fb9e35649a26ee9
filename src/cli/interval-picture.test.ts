import { expect, it } from 'vitest'
import { intervalPicture, PICTURE_WIDTH, pictureHeader } from './interval-picture.js'

it('draws intervals around 0 at one scale, in one width', () => {
  const pictures = [
    pictureHeader('B better', 'A better'),
    intervalPicture(-0.1, 0.02, 0.1, 0.1),
    intervalPicture(0.02, 0.05, 0.08, 0.1),
    intervalPicture(-0.06, -0.05, -0.04, 0.1),
    intervalPicture(0, 0, 0, 1),
    intervalPicture(0, 0.04, 0.09, 0.1),
  ]
  expect(pictures.map((picture) => [...picture].length)).toEqual(pictures.map(() => PICTURE_WIDTH))
  expect(`\n${pictures.join('|\n')}|\n`).toMatchInlineSnapshot(`
    "
    B better       0       A better|
    ├──────────────┼──●───────────┤|
                   │  ├────●───┤   |
          ├─●┤     │               |
                   ●               |
                   ├─────●───────┤ |
    "
  `)
})
