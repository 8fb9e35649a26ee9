import { posix, win32 } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SOURCE_LIMITS } from './limits.js'
import { MemberNames, memberPath } from './member-names.js'

describe('memberPath', () => {
  it.each([
    ['./a//b/./c.wav', 'a/b/c.wav'],
    ['..a/b../...', '..a/b../...'],
    [' leading space, comma;semicolon.wav', ' leading space, comma;semicolon.wav'],
    ['new\nline.wav', 'new\nline.wav'],
    ['café.wav', 'café.wav'],
    ['cafe\u0301.wav', 'cafe\u0301.wav'],
    ['-rf --help.wav', '-rf --help.wav'],
  ])('takes %j', (name, path) => {
    expect(memberPath(name, 'x.zip')).toBe(path)
  })

  it.each([
    ['/etc/passwd', 'an absolute path'],
    ['//host/share', 'an absolute path'],
    ['a/../../b', 'a path that leads upwards'],
    ['..', 'a path that leads upwards'],
    ['C:/x', 'a path with a drive letter'],
    ['c:x', 'a path with a drive letter'],
    ['a\\b', 'a name with a backslash'],
    ['..\\b', 'a name with a backslash'],
    ['a\0.wav', 'a name with a NUL character'],
    ['', 'an empty name'],
    ['./', 'an empty name'],
  ])('refuses %j', (name, flaw) => {
    expect(() => memberPath(name, 'x.zip')).toThrow(
      `"x.zip" holds ${JSON.stringify(name)}: ${flaw}; expected`,
    )
  })

  it('never gives a path that leads out, whatever the name', () => {
    const piece = fc.constantFrom('..', '.', '', 'a', 'C:', '\\', '\0', '/', '~', '...')
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
        let path: string
        try {
          path = memberPath(pieces.join('/'), 'x.zip')
        } catch {
          return
        }
        expect(posix.resolve('/root/here', path).startsWith('/root/here/')).toBe(true)
        expect(win32.resolve('D:\\root\\here', path).startsWith('D:\\root\\here\\')).toBe(true)
        expect(path).not.toContain('\0')
      }),
      { seed: 4, numRuns: 2000 },
    )
  })
})

describe('MemberNames', () => {
  const names = (limits = {}) => new MemberNames('x.zip', 1000, { ...SOURCE_LIMITS, ...limits })

  it('keeps names that differ in case or in the form of their accents apart', () => {
    const few = names()
    for (const name of ['a.wav', 'A.wav', 'é.wav', 'e\u0301.wav']) few.add(name, 1)
    expect(few.members.map(({ name }) => name)).toEqual(['a.wav', 'A.wav', 'é.wav', 'e\u0301.wav'])
  })

  it('refuses a name that comes twice, however it is written', () => {
    const few = names()
    few.add('a/b.wav', 1)
    expect(() => few.add('./a//b.wav', 1)).toThrow('"x.zip" holds "a/b.wav" twice')
  })

  it('refuses more members, bytes or times its size than an honest archive has', () => {
    const many = names({ nMembers: 1 })
    many.add('a', 1)
    expect(() => many.add('b', 1)).toThrow('holds more than 1 members: it looks like a zip bomb')
    expect(() => names({ unpackedBytes: 10 }).add('a', 11)).toThrow('unpacks to more than 10 bytes')
    expect(() => names().add('a', Number.NaN)).toThrow('unpacks to more than')
    expect(() => names().add('a', 2 ** 30 + 1)).toThrow('unpacks to more than 250 times its 1000 bytes')
    expect(names().add('a', 2 ** 30)).toEqual({ name: 'a', sizeBytes: 2 ** 30 })
  })
})
