import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { findTaskFolders } from './find-task-folders.js'

let dir: string
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'hear-find-'))
})
afterEach(() => rm(dir, { recursive: true, force: true }))

async function addTask(path: string, name: string): Promise<string> {
  const folder = join(dir, path)
  await mkdir(join(folder, '44100/train'), { recursive: true })
  await writeFile(join(folder, 'task_metadata.json'), JSON.stringify({ task_name: name }))
  return folder
}

describe('findTaskFolders', () => {
  it('finds one folder, a folder of folders, and extracted archives', async () => {
    const digit = await addTask('x/hear-2021.0.6/tasks/spoken_digit-1.0.9-small', 'spoken_digit')
    const esc = await addTask('x/esc50-v2.0.0-full', 'esc50')
    await addTask('x/.esc50.tmp-abc', 'esc50')
    expect(await findTaskFolders(digit)).toEqual([digit])
    expect(await findTaskFolders(join(dir, 'x'))).toEqual([esc, digit])
    expect(await findTaskFolders(dir)).toEqual([esc, digit])
    expect(await findTaskFolders(join(dir, 'x/hear-2021.0.6'))).toEqual([digit])
  })

  it('chooses by the name of the task or of its folder', async () => {
    const five = await addTask('nsynth_pitch-v2.2.3-5h', 'nsynth_pitch')
    const fifty = await addTask('nsynth_pitch-v2.2.3-50h', 'nsynth_pitch')
    await addTask('esc50-v2.0.0-full', 'esc50')
    expect(await findTaskFolders(dir, 'nsynth_pitch')).toEqual([fifty, five])
    expect(await findTaskFolders(dir, 'nsynth_pitch-v2.2.3-5h')).toEqual([five])
    await expect(findTaskFolders(dir, 'esc5')).rejects.toMatchObject({
      code: 'task/unknown',
      message: `There is no task "esc5" in "${dir}"; it holds esc50, nsynth_pitch.`,
      hint: 'Did you mean "esc50"?',
    })
    await expect(findTaskFolders(dir, 'gunshot')).rejects.toMatchObject({
      hint: 'Choose one of these tasks.',
    })
  })

  it('says what it found instead of a task', async () => {
    await expect(findTaskFolders(dir)).rejects.toMatchObject({
      code: 'task/none-found',
      message: `There is no task in "${dir}": expected a folder with task_metadata.json, found an empty folder.`,
      hint: 'Give a task folder, or a folder that holds task folders.',
    })
    await writeFile(join(dir, 'esc50.tar.gz'), '')
    await expect(findTaskFolders(dir)).rejects.toMatchObject({
      message: `There is no task in "${dir}": expected a folder with task_metadata.json, found esc50.tar.gz.`,
      hint: `Extract the archive first: tar xf ${join(dir, 'esc50.tar.gz')}`,
    })
    await expect(findTaskFolders(join(dir, 'nowhere'))).rejects.toThrow(
      `Cannot read "${join(dir, 'nowhere')}": there is no such file.`,
    )
    await expect(findTaskFolders(join(dir, 'esc50.tar.gz'))).rejects.toMatchObject({
      code: 'store/not-a-folder',
    })
  })
})
