/**
 * The title of a web page that came in place of an archive.
 *
 * @param beginning the first bytes of the file
 * @returns undefined when the bytes are no HTML; '' for a page without a title, else the title or, without one, the
 * page's first words, at most 80 characters
 */
export function htmlTitle(beginning: Uint8Array): string | undefined {
  const text = Buffer.from(
    beginning.buffer,
    beginning.byteOffset,
    Math.min(beginning.byteLength, 4096),
  ).toString('utf8')
  if (!/^\ufeff?\s*(<!--.*?-->\s*)*<(!doctype html|html|head|body)\b/is.test(text)) return undefined
  const title = /<title[^>]*>(.*?)<\/title>/is.exec(text)?.[1]
  const words = title ?? text.replace(/<(script|style)\b.*?<\/\1>/gis, ' ').replace(/<[^>]*>/g, ' ')
  return words.replace(/\s+/g, ' ').trim().slice(0, 80)
}
