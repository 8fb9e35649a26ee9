import type { OnnxDescription } from '../model/onnx/describe-onnx.js'
import { shapeText } from '../model/onnx/onnx-contract.js'
import { issueText } from '../model/onnx/onnx-issue.js'

/** A description of an ONNX file for a person at a terminal. */
export function onnxText(described: OnnxDescription): string {
  const opsets = described.opsets.map(({ domain, version }) => `${domain || 'ai.onnx'} ${version}`)
  const lines = [
    described.file,
    `  ${described.bytes} bytes, ${described.nodes} nodes, operator sets ${opsets.join(', ') || 'none'}, IR ${described.irVersion}${described.producer && `, by ${described.producer}`}`,
    ...section(
      'Inputs',
      described.inputs.map((value) => [value.name, shapeText(value)]),
    ),
    ...section(
      'Outputs',
      described.outputs.map((value) => [value.name, shapeText(value)]),
    ),
    ...section(
      'Weights in other files',
      described.externalData.map((location) => [location]),
    ),
    ...section('Metadata', [
      ...described.metadata.map(({ key, value, means }) => [key, value, means]),
      ...described.remarks.map(({ key, value }) => [key, value, '(no key of the contract)']),
    ]),
    '',
  ]
  if (described.followsContract)
    lines.push('It follows the contract, as far as can be told without running it.')
  else {
    lines.push('It does not follow the contract:')
    for (const issue of described.issues) lines.push(`  ${issueText(issue)}`, `    → ${issue.remedy}`)
  }
  if (described.worthSetting.length > 0)
    lines.push(
      ...section(
        'Worth setting',
        described.worthSetting.map(({ key, why }) => [key, why]),
      ),
    )
  return lines.join('\n')
}

/** A cell wider than this pushes the rest of its own row only. */
const WIDEST = 32

/** A title and aligned columns, or nothing where there are no rows. */
function section(title: string, rows: readonly (readonly string[])[]): string[] {
  if (rows.length === 0) return []
  const widths = [0, 1].map((column) =>
    Math.min(WIDEST, Math.max(...rows.map((row) => row[column]?.length ?? 0))),
  )
  return [
    '',
    title,
    ...rows.map((row) => `  ${row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join('  ')}`.trimEnd()),
  ]
}
