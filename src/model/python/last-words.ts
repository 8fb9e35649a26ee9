const MAX_CHARS = 2000

/** The end of what a process printed, for when it ends badly. */
export class LastWords {
  private text = ''
  private readonly decoder = new TextDecoder()

  hear(chunk: Uint8Array): void {
    this.text = (this.text + this.decoder.decode(chunk, { stream: true })).slice(-2 * MAX_CHARS)
  }

  /** As lines that are safe to print, or nothing. */
  get lines(): string {
    return printable(this.text).slice(-MAX_CHARS).trim()
  }
}

/** Text of a stranger as lines that command no terminal: control characters and turns of the writing direction go. */
export function printable(text: string): string {
  return (
    text
      .replace(/\r\n?/g, '\n')
      // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
      .replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, '\ufffd')
  )
}
