import { HearError } from '../../base/errors.js'
import type { Member } from './member-names.js'

/** The members of these names, in the archive's order. @throws HearError for a name that is not there */
export function wantedMembers<M extends Member>(
  members: readonly M[],
  names: ReadonlySet<string>,
  archive: string,
): M[] {
  const wanted = members.filter(({ name }) => names.has(name))
  if (wanted.length === names.size) return wanted
  const found = new Set(wanted.map(({ name }) => name))
  const missing = [...names].find((name) => !found.has(name)) as string
  throw noSuchMember(archive, missing)
}

export function noSuchMember(archive: string, name: string): HearError {
  return new HearError('source/no-such-member', `"${archive}" holds no "${name}".`, {
    hint: 'Check that it is the archive that the task was written for.',
  })
}
