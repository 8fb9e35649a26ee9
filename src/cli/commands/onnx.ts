import { Command, Option } from 'commander'
import type { OnnxDescription } from '../../model/onnx/describe-onnx.js'
import { jsonOption } from '../options.js'
import { runSession, type Session } from '../session.js'

async function show(session: Session, path: string, flags: { json: boolean }): Promise<void> {
  const [{ describeOnnx }, { onnxText }] = await Promise.all([
    import('../../model/onnx/describe-onnx.js'),
    import('../onnx-text.js'),
  ])
  const description: OnnxDescription = describeOnnx(path)
  session.print(
    flags.json
      ? JSON.stringify({ format: 'hearkit-onnx/1', ...description }, null, 2)
      : onnxText(description),
  )
}

async function set(
  session: Session,
  path: string,
  settings: readonly string[],
  flags: { out?: string },
): Promise<void> {
  const [{ parseSetting, setMetadata }, { describeOnnx }] = await Promise.all([
    import('../../model/onnx/set-metadata.js'),
    import('../../model/onnx/describe-onnx.js'),
  ])
  const out = flags.out ?? path
  await setMetadata(path, settings.map(parseSetting), out)
  const { issues } = describeOnnx(out)
  session.print(out)
  session.reporter.note(
    issues.length === 0
      ? `Next: hear validate ${out}`
      : `It does not follow the contract yet (${issues.length} to mend): hear onnx show ${out}`,
  )
}

export function onnxCommand(): Command {
  const showCommand = new Command('show')
    .description('Show what an ONNX file takes, gives and says of itself, and what the contract misses.')
    .argument('<file>', 'the ONNX file')
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
Reads the file without running it. Whether it keeps its word shows with hear validate.

Example:
  hear onnx show model.onnx`,
    )
    .action((path: string, flags: { json: boolean }) => runSession((session) => show(session, path, flags)))
  const setCommand = new Command('set')
    .description('Write hear.* metadata into an ONNX file; every other byte stays as it is.')
    .argument('<file>', 'the ONNX file')
    .argument('<key=value...>', 'keys of the contract, without "hear."; key= removes a key')
    .addOption(new Option('--out <file>', 'write there, and leave the file as it is'))
    .addHelpText(
      'after',
      `
Keys: sample_rate, hop_ms, first_timestamp_ms, timestamp_embedding_size, scene_embedding_size, min_samples, chunking
(none, halo or fixed), halo_samples, chunk_align_samples, chunk_align_frames, window_samples, window_hop_samples,
scene_from_timestamps (mean or mean_every_k), irregular_timestamps, edge_padding, name, code_license, weights_license,
source, contract. docs/onnx.md says what each means.

Examples:
  hear onnx set model.onnx sample_rate=16000 hop_ms=50
  hear onnx set model.onnx chunking=halo halo_samples=512 chunk_align_samples=800 --out cut.onnx
  hear onnx set model.onnx scene_from_timestamps=`,
    )
    .action((path: string, settings: string[], flags: { out?: string }) =>
      runSession((session) => set(session, path, settings, flags)),
    )
  return new Command('onnx')
    .description('Look at ONNX files, and make them models of HEAR.')
    .addCommand(showCommand)
    .addCommand(setCommand)
    .addHelpText(
      'after',
      '\nExample:\n  hear onnx show model.onnx\n  hear onnx set model.onnx sample_rate=16000 hop_ms=50',
    )
}
