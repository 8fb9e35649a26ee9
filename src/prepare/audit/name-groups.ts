/** Where a clip is: its split and its file name. */
export interface ClipPlace {
  readonly split: string
  readonly clip: string
}

/** Clips that, by their names, come from one speaker, instrument or recording, and the groups that cross splits. */
export interface NameGroups {
  /** What the groups are: a speaker, a source recording; for a guess, where in the name they stand. */
  readonly what: string
  /** Known: the corpus names its files so. Guess: a part of the names recurs, and may mean anything. */
  readonly certainty: 'known' | 'guess'
  readonly nGroups: number
  /** Clips whose names have the part. */
  readonly nClips: number
  /** Groups found in several splits, the one with most clips first. */
  readonly crossing: readonly { readonly group: string; readonly clips: Readonly<Record<string, number>> }[]
}

/** How corpora name their files; the group is the first capture. */
const KNOWN_NAMES: readonly { readonly what: string; readonly pattern: RegExp }[] = [
  // Warden, "Speech Commands" (2018): the hash stands for the speaker.
  { what: 'speaker (Speech Commands)', pattern: /(?:^|_)([0-9a-f]{8})_nohash_\d+$/ },
  // Free Spoken Digit Dataset: digit, speaker, take.
  { what: 'speaker (Free Spoken Digit Dataset)', pattern: /^\d_([a-z]+)_\d+$/ },
  // NSynth: family, source, number; then pitch and velocity.
  {
    what: 'instrument (NSynth)',
    pattern: /^([a-z]+(?:_[a-z]+)?_(?:acoustic|electronic|synthetic)_\d{3})-\d{3}-\d{3}$/,
  },
  // Piczak, "ESC" (2015): fold, Freesound clip, take, class.
  { what: 'Freesound recording (ESC)', pattern: /(?:^|__)\d-(\d+)-[A-Z](?:-\d+)?$/ },
  // UrbanSound8K: Freesound clip, class, occurrence, slice.
  { what: 'Freesound recording (UrbanSound8K)', pattern: /^(\d+)-\d-\d+-\d+$/ },
  // CREMA-D: actor, sentence, emotion, level.
  { what: 'actor (CREMA-D)', pattern: /^(\d{4})_[A-Z]{3}_[A-Z]{3}_[A-Z]{2}$/ },
  // VoxLingua107: video, then the piece of it.
  { what: 'video (VoxLingua107)', pattern: /^(.{11})__U__S\d+---/ },
  // HEAR's gunshots: microphone, shot, firearm.
  {
    what: 'shot, heard by several microphones (gunshot triangulation)',
    pattern: /^mic\d+_(shot\d+)_fid\d+$/,
  },
  // NU-Hive: hive and day, then the time of the ten minutes.
  { what: 'day of a hive (beehive_states)', pattern: /^(Hive\d+[ _].+?)____\d/ },
]

/** A guess needs groups of so many clips on average, in names that nearly all have the same number of parts. */
const MIN_CLIPS_PER_GROUP = 3
const SAME_FORM_SHARE = 0.9

/**
 * Groups the clips of a task by what their names tell, and finds the groups that cross splits. Where no corpus is
 * known whose files are named so, the parts of the names are looked at: one that recurs, and does not go with the
 * label, may be a speaker or a source.
 *
 * @param labelOf text of the labels of a clip
 */
export function nameGroups(clips: readonly ClipPlace[], labelOf: (place: ClipPlace) => string): NameGroups[] {
  const stems = clips.map(({ clip }) => clip.replace(/\.[^.]*$/, ''))
  const known = KNOWN_NAMES.map(({ what, pattern }) => {
    const groups = stems.map((stem) => pattern.exec(stem)?.[1])
    return summary(what, 'known', clips, groups)
  }).filter(({ nClips }) => nClips > 0 && nClips >= clips.length / 2)
  return known.length > 0 ? known : guesses(clips, stems, labelOf)
}

function guesses(
  clips: readonly ClipPlace[],
  stems: readonly string[],
  labelOf: (place: ClipPlace) => string,
): NameGroups[] {
  const parts = stems.map((stem) => stem.split(/[_\-. ]+/))
  const lengths = new Map<number, number>()
  for (const { length } of parts) lengths.set(length, (lengths.get(length) ?? 0) + 1)
  const [length, nSame] = [...lengths].sort(([, x], [, y]) => y - x)[0] ?? [0, 0]
  if (nSame < SAME_FORM_SHARE * clips.length) return []
  const found: NameGroups[] = []
  for (let at = 0; at < length; at++) {
    const groups = parts.map((ofClip) => (ofClip.length === length ? ofClip[at] : undefined))
    const example = stems[parts.findIndex((ofClip) => ofClip.length === length)]
    const what = `part ${at + 1} of names such as "${example}"`
    const one = summary(what, 'guess', clips, groups)
    if (
      isCounter(groups) ||
      one.nGroups < 2 ||
      one.nClips < MIN_CLIPS_PER_GROUP * one.nGroups ||
      one.crossing.length === 0
    )
      continue
    if (
      !goesWith(groups, clips.map(labelOf)) &&
      !goesWith(
        groups,
        clips.map(({ split }) => split),
      )
    )
      found.push(one)
  }
  return found
}

/** Whether the parts are 0, 1, 2, ... or 1, 2, 3, ...: takes are counted so. Numbers of speakers tend to have leading zeros. */
function isCounter(groups: readonly (string | undefined)[]): boolean {
  const values = new Set(groups.filter((group) => group !== undefined))
  return [0, 1].some((first) => [...values].every((_, i) => values.has(String(first + i))))
}

/** Whether each group has one label (or split) only: the name then repeats it, or the group cannot cross. */
function goesWith(groups: readonly (string | undefined)[], others: readonly string[]): boolean {
  const seen = new Map<string, Set<string>>()
  for (const [i, group] of groups.entries())
    if (group !== undefined) seen.set(group, (seen.get(group) ?? new Set()).add(others[i]))
  return [...seen.values()].every(({ size }) => size === 1)
}

function summary(
  what: string,
  certainty: NameGroups['certainty'],
  clips: readonly ClipPlace[],
  groups: readonly (string | undefined)[],
): NameGroups {
  const bySplit = new Map<string, Map<string, number>>()
  let nClips = 0
  for (const [i, group] of groups.entries()) {
    if (group === undefined) continue
    nClips++
    const counts = bySplit.get(group) ?? new Map<string, number>()
    bySplit.set(group, counts.set(clips[i].split, (counts.get(clips[i].split) ?? 0) + 1))
  }
  const total = (counts: ReadonlyMap<string, number>) => [...counts.values()].reduce((sum, n) => sum + n, 0)
  const crossing = [...bySplit]
    .filter(([, counts]) => counts.size > 1)
    .sort(([, x], [, y]) => total(y) - total(x))
    .map(([group, counts]) => ({ group, clips: Object.fromEntries(counts) }))
  return { what, certainty, nGroups: bySplit.size, nClips, crossing }
}
