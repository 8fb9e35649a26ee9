import { HearError } from '../../base/errors.js'
import type { MetadataRow } from './metadata-rows.js'
import type { ModeMetadata } from './mode-metadata.js'
import type { PlanWarning } from './plan-warning.js'

/**
 * The rows whose file is there. Small archives hold but some of the files that their tables list, so that in mode
 * small those are left out, with a warning; in any other mode a file that is missing is an error.
 *
 * @throws HearError `prepare/missing-files`
 * Source: hear-preprocess 2021.1.1, hearpreprocess/pipeline.py, `postprocess_all_metadata`.
 */
export function keepExistingFiles(
  rows: readonly MetadataRow[],
  has: (path: string) => boolean,
  config: ModeMetadata,
): { rows: readonly MetadataRow[]; warnings: PlanWarning[] } {
  const present = rows.filter((row) => has(row.path))
  if (present.length === rows.length) return { rows, warnings: [] }
  const missing = [...new Set(rows.filter((row) => !has(row.path)).map((row) => row.path))]
  const shown = missing.slice(0, 3).map((path) => `"${path}"`)
  const count = missing.length === 1 ? '1 file' : `${missing.length} files`
  const files = `Not in the archives, but listed by ${config.task_name}: ${count}, ${shown.join(', ')}${missing.length > 3 ? ', ...' : ''}`
  if (config.mode === 'small' && present.length > 0)
    return { rows: present, warnings: [{ code: 'prepare/missing-files', message: `${files}; left out.` }] }
  throw new HearError('prepare/missing-files', `${files}.`, {
    hint: 'Download the archives again; if they are complete, correct the list of clips.',
  })
}
