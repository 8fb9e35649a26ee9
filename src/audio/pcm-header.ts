import type { SampleEncoding } from './sample-encoding.js'

/** What the header of an uncompressed file says about its samples. */
export interface PcmHeader {
  readonly container: 'wav' | 'w64' | 'aiff' | 'au'
  readonly encoding: SampleEncoding
  /** Hz. */
  readonly sampleRate: number
  readonly channels: number
  /** One bit for each channel's speaker, in the order of WAVEFORMATEXTENSIBLE; 0 when the file does not say. */
  readonly speakerMask: number
  /** Byte at which the samples begin. */
  readonly dataOffset: number
  /** Bytes of samples as promised; Infinity when the header only says that they go on. */
  readonly dataBytes: number
  /** The size is one that programs write when they do not know it: fewer bytes are no sign of damage. */
  readonly mayEndEarly: boolean
}
