/** Which way a column leans; numbers lean right. */
export type Alignment = 'left' | 'right'

/**
 * Rows as a plain text table with a ruled header. Widths count code points.
 * @param alignments one per column.
 */
export function textTable(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  alignments: readonly Alignment[],
): string {
  const width = (text: string) => [...text].length
  const widths = header.map((title, c) => Math.max(width(title), ...rows.map((row) => width(row[c]))))
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, c) => {
        const gap = ' '.repeat(widths[c] - width(cell))
        return alignments[c] === 'right' ? gap + cell : cell + gap
      })
      .join('  ')
      .trimEnd()
  return [line(header), widths.map((w) => '─'.repeat(w)).join('  '), ...rows.map(line)].join('\n')
}
