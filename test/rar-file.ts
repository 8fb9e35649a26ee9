/**
 * Small rar archives of stored members, made by hand: there is no free program that packs them.
 *
 * Source: RAR 5.0 archive format and RAR 4.x technote (rarlab.com).
 */
import { crc32 } from 'node:zlib'

/** A rar of version 5. */
export function rar5(files: Readonly<Record<string, Uint8Array>>): Buffer {
  const members = Object.entries(files).flatMap(([name, content]) => {
    const rawName = Buffer.from(name)
    const sum = Buffer.alloc(4)
    sum.writeUInt32LE(crc32(content))
    const size = vint(content.byteLength)
    // Type 2, with data; flags: CRC; attributes of a Unix file; stored.
    const head = [vint(2), vint(2), size, vint(4), size, vint(0o100644), sum, vint(0), vint(1)]
    return [block5(Buffer.concat([...head, vint(rawName.byteLength), rawName])), content]
  })
  const main = block5(Buffer.concat([vint(1), vint(0), vint(0)]))
  const end = block5(Buffer.concat([vint(5), vint(0), vint(0)]))
  return Buffer.concat([Buffer.from('Rar!\x1a\x07\x01\x00', 'latin1'), main, ...members, end])
}

/** A rar of version 4; names are ASCII. */
export function rar4(files: Readonly<Record<string, Uint8Array>>): Buffer {
  const members = Object.entries(files).flatMap(([name, content]) => {
    const head = Buffer.alloc(25 + name.length)
    head.writeUInt32LE(content.byteLength, 0)
    head.writeUInt32LE(content.byteLength, 4)
    head.writeUInt8(3, 8)
    head.writeUInt32LE(crc32(content), 9)
    head.writeUInt32LE(0x5a210000, 13)
    head.writeUInt8(20, 17)
    head.writeUInt8(0x30, 18)
    head.writeUInt16LE(name.length, 19)
    head.writeUInt32LE(0o100644, 21)
    head.write(name, 25, 'latin1')
    return [block4(0x74, 0x8000, head), content]
  })
  const mark = Buffer.from('Rar!\x1a\x07\x00', 'latin1')
  return Buffer.concat([
    mark,
    block4(0x73, 0, Buffer.alloc(6)),
    ...members,
    block4(0x7b, 0x4000, Buffer.alloc(0)),
  ])
}

function block5(content: Buffer): Buffer {
  const sized = Buffer.concat([vint(content.byteLength), content])
  const sum = Buffer.alloc(4)
  sum.writeUInt32LE(crc32(sized))
  return Buffer.concat([sum, sized])
}

function block4(type: number, flags: number, content: Buffer): Buffer {
  const block = Buffer.alloc(7 + content.byteLength)
  block.writeUInt8(type, 2)
  block.writeUInt16LE(flags, 3)
  block.writeUInt16LE(block.byteLength, 5)
  content.copy(block, 7)
  block.writeUInt16LE(crc32(block.subarray(2)) & 0xffff, 0)
  return block
}

/** Seven bits a byte, the lowest first. */
function vint(value: number): Buffer {
  const bytes = []
  let rest = value
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80)
  return Buffer.from([...bytes, rest])
}
