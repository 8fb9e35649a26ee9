import { printable } from '../onnx/printable.js'

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
    return printableLines(this.text.slice(-MAX_CHARS)).trim()
  }
}

/** Text of a stranger as lines that command no terminal. */
export function printableLines(text: string): string {
  return text
    .split(/\r\n|\r|\n/)
    .map((line) => line.match(/^[ \t]*/)![0].replaceAll('\t', '    ') + printable(line.trim()))
    .join('\n')
}
