import { expect, it } from 'vitest'
import { escapeHtml, html } from './markup.js'

it('escapes values in text and in attributes, once', () => {
  const label = `<b title="x">Tom's & co</b>`
  expect(html`<p title="${label}">${label}</p>`.text).toBe(
    '<p title="&lt;b title=&quot;x&quot;&gt;Tom&#39;s &amp; co&lt;/b&gt;">&lt;b title=&quot;x&quot;&gt;Tom&#39;s &amp; co&lt;/b&gt;</p>',
  )
  expect(escapeHtml('a && b')).toBe('a &amp;&amp; b')
})

it('takes markup and lists of it as they are, numbers as text, and null as nothing', () => {
  const items = ['<', 'b'].map((text) => html`<li>${text}</li>`)
  expect(html`<ul>${items}</ul>${null}${3}${html`<br>`}`.text).toBe('<ul><li>&lt;</li><li>b</li></ul>3<br>')
})

it('leaves the characters of other scripts alone, also $ signs and backslashes', () => {
  expect(html`<p>${'é 犬 🐕 $1 \\'}</p>`.text).toBe('<p>é 犬 🐕 $1 \\</p>')
})
