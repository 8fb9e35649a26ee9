import { describe, expect, test } from 'vitest'
import { memorySources } from '../../test/task-sources.js'
import { HearError } from '../base/errors.js'
import { tableRows } from './table-of-clips.js'
import type { TableOfClips, TaskConfig } from './task.js'

const scene: TaskConfig = {
  task_name: 't',
  version: 'v1',
  embedding_type: 'scene',
  prediction_type: 'multiclass',
  split_mode: 'trainvaltest',
  sample_duration: 10,
  evaluation: ['top1_acc'],
  default_mode: 'full',
}
const events: TaskConfig = { ...scene, embedding_type: 'event', prediction_type: 'multilabel' }
const table: TableOfClips = { table: 'mine/labels.csv', file: 'file', label: 'class' }
const timed: TableOfClips = { ...table, start: 'from', end: 'to', timeUnit: 'seconds' }

function rowsOf(
  csv: string,
  description: TableOfClips,
  config: TaskConfig,
  others: readonly string[] = ['mine/a.wav'],
) {
  const contents: Record<string, string | null> = { [description.table]: csv }
  for (const path of others) contents[path] = null
  return tableRows(description, memorySources(contents), config, false)
}

describe('rows of a table', () => {
  test('are its clips with their labels as written, all for training where it has no splits', async () => {
    expect(await rowsOf('file,class\na.wav,007\n', table, scene)).toEqual([
      { path: 'mine/a.wav', label: '007', split: 'train' },
    ])
  })

  test('keep spaces, quotes, commas and letters of any script in names, behind a byte order mark', async () => {
    const name = 'wîld "çat", 2.wav'
    const csv = '\ufeffclass,file\r\nbig cat,"wîld ""çat"", 2.wav"\r\n'
    expect(await rowsOf(csv, table, scene, [`mine/${name}`])).toEqual([
      { path: `mine/${name}`, label: 'big cat', split: 'train' },
    ])
  })

  test('separate by tabs in .tsv and .txt', async () => {
    for (const file of ['mine/labels.tsv', 'mine/labels.TXT']) {
      const rows = await rowsOf('file\tclass\na.wav\ta, or b\n', { ...table, table: file }, scene)
      expect(rows[0].label).toBe('a, or b')
    }
  })

  test('count files from the folder that is named, and take splits and keys by their names here', async () => {
    const description = {
      ...table,
      folder: 'mine/audio',
      split: 'set',
      splitNames: { dev: 'valid' },
      splitKey: 'who',
    }
    const csv = 'file,class,set,who\n./x/a.wav,1,dev,ann\nb.wav,2,test,bob\n'
    expect(await rowsOf(csv, description, scene, ['mine/audio/x/a.wav', 'mine/audio/b.wav'])).toEqual([
      { path: 'mine/audio/x/a.wav', label: '1', split: 'valid', splitKey: 'ann' },
      { path: 'mine/audio/b.wav', label: '2', split: 'test', splitKey: 'bob' },
    ])
  })

  test('turn seconds into milliseconds, and leave milliseconds', async () => {
    const csv = 'file,class,from,to\na.wav,dog,1.5, 2\n'
    expect((await rowsOf(csv, timed, events))[0]).toMatchObject({ startMs: 1500, endMs: 2000 })
    const inMs = { ...timed, timeUnit: 'milliseconds' as const }
    expect((await rowsOf(csv.replace('1.5, 2', '1500,2000'), inMs, events))[0]).toMatchObject({
      startMs: 1500,
      endMs: 2000,
    })
  })

  test('may name files that are not there where that is allowed', async () => {
    const files = memorySources({ 'mine/labels.csv': 'file,class\ngone.wav,1\n' })
    expect((await tableRows(table, files, scene, true)).length).toBe(1)
    await expect(tableRows(table, files, scene, false)).rejects.toThrow('there is no file "mine/gone.wav"')
  })
})

describe('what is wrong with a table is said with the row and the next step', () => {
  const cases: [what: string, rows: () => Promise<unknown>, message: string, hint: string][] = [
    [
      'no such column',
      () => rowsOf('file,clas\na.wav,1', table, scene),
      '"mine/labels.csv": expected one column "class", found "file", "clas".',
      'Did you mean "clas"?',
    ],
    [
      'a column twice',
      () => rowsOf('file,class,class\na.wav,1,2', table, scene),
      'expected one column "class", found "file", "class", "class".',
      'The first row of a table names its columns, each once.',
    ],
    [
      'an empty table',
      () => rowsOf('', table, scene),
      'expected one column "file", found an empty table.',
      'The first row of a table names its columns, each once.',
    ],
    [
      'too many cells',
      () => rowsOf('file,class\na.wav,cat, small', table, scene),
      '"mine/labels.csv", row 2: expected 2 cells, found 3.',
      'Quote cells that hold a comma.',
    ],
    [
      'an empty label',
      () => rowsOf('file,class\na.wav,1\na.wav,', table, scene),
      '"mine/labels.csv", row 3: expected a class, found an empty cell.',
      'Fill the cell, or remove the row.',
    ],
    [
      'a file without its suffix',
      () => rowsOf('file,class\na,1', table, scene),
      '"mine/labels.csv", row 2: there is no file "mine/a".',
      'There is "mine/a.wav": write file names with their suffix.',
    ],
    [
      'a file elsewhere',
      () => rowsOf('file,class\nb.wav,1\na.wav,2', table, scene, ['mine/a.wav', 'mine/audio/b.wav']),
      '"mine/labels.csv", row 2: there is no file "mine/b.wav".',
      'There is "mine/audio/b.wav": give the folder of the files as folder.',
    ],
    [
      'misspelt files',
      () => rowsOf('file,class\na.wav,1\nA.wav,2\nb.wav,3', table, scene),
      '"mine/labels.csv", row 3: there is no file "mine/A.wav", nor those of 1 more of its 3 rows.',
      'Did you mean "mine/a.wav"?',
    ],
    [
      'a path that leaves its folder',
      () => rowsOf('file,class\n../../etc/passwd,1', table, scene),
      'there is no file "mine/../../etc/passwd".',
      'Add the file, or remove the row.',
    ],
    [
      'another split',
      () => rowsOf('file,class,set\na.wav,1,val', { ...table, split: 'set' }, scene),
      '"mine/labels.csv", row 2: expected a split among train, valid, test, found "val".',
      'Say what it is called here: splitNames: { "val": "train" }.',
    ],
    [
      'a table elsewhere',
      () =>
        rowsOf('file,class\n', { ...table, table: 'mine/label.csv' }, scene).then(() =>
          tableRows(table, memorySources({ 'mine/label.csv': '' }), scene, false),
        ),
      'Expected a table at "mine/labels.csv", found none.',
      'There is "mine/label.csv". A path begins with the split and name of its source, then follows the archive or folder.',
    ],
    [
      'a time that is none',
      () => rowsOf('file,class,from,to\na.wav,1,"0,5",2', timed, events),
      '"mine/labels.csv", row 2: expected a time of 0 or more, found "0,5".',
      'Write times in seconds, with a point before the decimals.',
    ],
    [
      'an event that ends before it starts',
      () => rowsOf('file,class,from,to\na.wav,1,2,1', timed, events),
      '"mine/labels.csv", row 2: the event ends before it starts.',
      'Check which columns hold start and end.',
    ],
    [
      'milliseconds read as seconds',
      () => rowsOf('file,class,from,to\na.wav,1,1500,2000', timed, events),
      '1 of 1 events start after the end of their clips. Are the times in milliseconds?',
      'Set timeUnit to "seconds" or "milliseconds", whichever the table is in.',
    ],
    [
      'seconds read as milliseconds',
      () => rowsOf('file,class,from,to\na.wav,1,1.5,9.9', { ...timed, timeUnit: 'milliseconds' }, events),
      'all events end within 9.9 ms of clips of 10000 ms. Are the times in seconds?',
      'Set timeUnit to "seconds" or "milliseconds", whichever the table is in.',
    ],
  ]
  test.each(cases)('%s', async (_what, rows, message, hint) => {
    const error = await rows().then(
      () => undefined,
      (caught: unknown) => caught,
    )
    expect(error).toBeInstanceOf(HearError)
    expect((error as HearError).message).toContain(message)
    expect((error as HearError).hint).toBe(hint)
  })
})
