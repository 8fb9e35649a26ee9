/**
 * Text of a stranger, with a mark in the place of whatever a terminal would obey: control characters and those
 * that turn the direction of writing. Line breaks become spaces.
 */
export function printable(text: string): string {
  return (
    text
      .replace(/[\t\r\n]+/g, ' ')
      // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
      .replace(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, '\ufffd')
  )
}
