import { describe, expect, it } from 'vitest'
import { htmlTitle } from './html-title.js'

describe('htmlTitle', () => {
  it.each([
    ['<html><body>404</body></html>', '404'],
    ['<!DOCTYPE html>\n<html lang="en"><head><title>Not\n found </title>', 'Not found'],
    ['\ufeff  <!-- x --> <HTML><script>var a</script><p>Sign in', 'Sign in'],
    ['<html></html>', ''],
  ])('reads %j', (page, title) => {
    expect(htmlTitle(Buffer.from(page))).toBe(title)
  })

  it.each(['PK\x03\x04', 'file,label\n', '<?xml version="1.0"?><a/>', '', 'see <html>'])(
    'leaves %j alone',
    (text) => {
      expect(htmlTitle(Buffer.from(text))).toBeUndefined()
    },
  )
})
