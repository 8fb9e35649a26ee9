import { describe, expect, it } from 'vitest'
import { fixtureCases } from '../../../test/fixtures.js'
import { archiveFileName } from './file-name.js'

describe('archiveFileName', () => {
  it.each(fixtureCases<string, string>('prepare/vectors/url_filename'))(
    'names $input as the original does',
    ({ input, expected }) => {
      expect(archiveFileName(input)).toBe(expected)
    },
  )

  it('leaves names as they are written', () => {
    expect(archiveFileName('https://a.b/x/na%C3%AFve%20%2F..zip?x=/y#/z')).toBe('na%C3%AFve%20%2F..zip')
    expect(archiveFileName('https://a.b/x/töne v2.tar.gz')).toBe('töne v2.tar.gz')
  })

  it.each([
    'ftp://a.b/c.zip',
    'file:///etc/passwd',
    'corpus.zip',
    'https://a.b',
    'https://a.b/x/',
    'https://a.b/x/..',
  ])('refuses %s', (url) => {
    expect(() => archiveFileName(url)).toThrow(`"${url}"`)
  })

  it.each(['https://a.b/c:d', 'https://a.b/c\\d', 'https://a.b/c\nd', `https://a.b/${'x'.repeat(201)}`])(
    'refuses the name in %j',
    (url) => {
      expect(() => archiveFileName(url)).toThrow('names no file')
    },
  )
})
