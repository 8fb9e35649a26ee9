import { describe, expect, it } from 'vitest'
import { identifyFile } from './identify-file.js'

describe('identifyFile', () => {
  it.each([
    ['RIFF\x10\x00\x00\x00WAVEfmt ', 'wav'],
    ['RF64\xff\xff\xff\xffWAVEds64', 'wav'],
    ['RIFF\x10\x00\x00\x00AVI LIST', 'avi'],
    ['riff\x2e\x91\xcf\x11\xa5', 'w64'],
    ['fLaC\x00', 'flac'],
    [`OggS${'\0'.repeat(24)}OpusHead`, 'opus'],
    [`OggS${'\0'.repeat(24)}\x01vorbis`, 'vorbis'],
    [`OggS${'\0'.repeat(24)}\x7fFLAC`, 'ogg'],
    ['ID3\x04', 'mp3'],
    ['\xff\xfb\x90\x64', 'mp3'],
    ['FORM\x00\x00\x00\x00AIFFCOMM', 'aiff'],
    ['\x00\x00\x00\x1cftypM4A ', 'mp4'],
    ['PK\x03\x04', 'zip'],
    ['  <!DOCTYPE html>', 'html'],
    ['version https://git-lfs.github.com/spec/v1', 'lfs'],
    ['this is not audio\n', 'text'],
    ['\xff\xff\xff\xff', 'unknown'],
    ['\x00\x01\x02\x03', 'unknown'],
    ['RIFF', 'riff'],
    ['', 'empty'],
  ])('takes %j for %s', (start, kind) => {
    expect(identifyFile(Buffer.from(start, 'latin1')).kind).toBe(kind)
  })
})
