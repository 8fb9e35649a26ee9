/** `error`: breaks the HEAR API or spoils scores. `warning`: worth a look, allowed. `info`: good to know. */
export const SEVERITIES = ['error', 'warning', 'info'] as const
export type Severity = (typeof SEVERITIES)[number]

interface FindingKind {
  readonly severity: Severity
  /** What hear-validator 2021.0.6 makes of it where it looks; undefined where it passes. */
  readonly original?: 'error' | 'warning'
  /** What is wrong, as a sentence. */
  readonly means: string
  /** When it is of less weight, for the documentation. */
  readonly milder?: string
  /** What to do about it, unless the finding knows better. */
  readonly remedy: string
}

/** Every kind of finding by its code. The codes are stable; docs/validator.md lists them. */
export const FINDING_KINDS = {
  'load/failed': {
    severity: 'error',
    original: 'error',
    means: 'The model cannot be found, imported or loaded.',
    remedy: 'Load the model by hand first; without a weights file it must load with its defaults.',
  },
  'attributes/missing': {
    severity: 'error',
    original: 'error',
    means: 'The model lacks an attribute that the API demands.',
    remedy: 'Set the attribute on the object that loadModel returns.',
  },
  'attributes/sample-rate': {
    severity: 'error',
    original: 'error',
    means: "The sample rate is none of HEAR's.",
    remedy: "Choose the rate that the model was trained at; HEAR's audio comes in these rates only.",
  },
  'attributes/not-a-whole-number': {
    severity: 'error',
    original: 'error',
    means: 'An embedding size is no positive whole number.',
    remedy: 'Make it a plain integer.',
  },
  'functions/missing': {
    severity: 'error',
    original: 'error',
    means: 'A function of the API is not there.',
    remedy: 'Export the function; HEAR needs both kinds of embedding.',
  },
  'functions/scenes-only': {
    severity: 'warning',
    original: 'error',
    means: 'The model says that it has scene embeddings only, so it cannot take part in event tasks.',
    remedy: 'Nothing, if that is meant; otherwise give it timestamp embeddings.',
  },
  'call/failed': {
    severity: 'error',
    original: 'error',
    means: 'A call ended with an error of the model.',
    remedy: 'Call the function with audio of this shape and mend what fails.',
  },
  'call/died': {
    severity: 'error',
    original: 'error',
    means: "The model's process ended during a call: a crash, an abort, or no memory left on the machine.",
    remedy: 'Run the call alone, under a debugger or with more memory.',
  },
  'call/hung': {
    severity: 'error',
    original: 'error',
    means: 'A call did not come back in time.',
    remedy: 'Find out what it waits for; --time-limit gives a slow model longer.',
  },
  'embeddings/not-a-tensor': {
    severity: 'error',
    original: 'error',
    means: 'The answer holds no embeddings tensor.',
    remedy: 'Return a tensor: a Float32Array as data, with its dims.',
  },
  'embeddings/dtype': {
    severity: 'error',
    original: 'error',
    means: 'Embeddings are not float32.',
    remedy: 'Convert the embeddings to float32.',
  },
  'embeddings/rank': {
    severity: 'error',
    original: 'error',
    means: 'Embeddings have the wrong number of dimensions.',
    remedy: 'Timestamp embeddings are [nSounds, nTimestamps, D], scene embeddings [nSounds, S].',
  },
  'embeddings/batch': {
    severity: 'error',
    original: 'error',
    means: 'Not as many sounds come out as went in.',
    remedy: 'Return one row per sound of the batch, in order.',
  },
  'embeddings/size': {
    severity: 'error',
    original: 'error',
    means: 'The embeddings are longer or shorter than the model says.',
    remedy: 'Make the attribute say the size that is returned.',
  },
  'embeddings/not-finite': {
    severity: 'error',
    means: 'Embeddings hold NaN or infinity.',
    remedy:
      'Look for the logarithm or square root of 0, a division by a norm, or an overflow of half precision.',
  },
  'timestamps/not-a-tensor': {
    severity: 'error',
    original: 'error',
    means: 'The answer holds no timestamps tensor.',
    remedy: 'Return {embeddings, timestamps}, both tensors.',
  },
  'timestamps/rank': {
    severity: 'error',
    original: 'error',
    means: 'Timestamps have the wrong number of dimensions.',
    remedy: 'Timestamps are [nSounds, nTimestamps]: repeat them for every sound.',
  },
  'timestamps/shape': {
    severity: 'error',
    original: 'error',
    means: 'There are not as many timestamps as embeddings.',
    remedy: 'Return one timestamp per embedding.',
  },
  'timestamps/dtype': {
    severity: 'error',
    means: 'Timestamps are not float32.',
    remedy: 'Convert the timestamps to float32: whole milliseconds lose the hop of most models.',
  },
  'timestamps/none': {
    severity: 'error',
    means: 'There is not one embedding.',
    milder: 'a warning for audio of 10 ms or less',
    remedy: 'Pad the audio so that every sound has a frame.',
  },
  'timestamps/not-finite': {
    severity: 'error',
    means: 'Timestamps hold NaN or infinity.',
    remedy: 'Compute them from the frame number: first + i * hop.',
  },
  'timestamps/decreasing': {
    severity: 'error',
    original: 'warning',
    means: 'Timestamps go back in time.',
    remedy: 'Return frames and timestamps in the order of time.',
  },
  'timestamps/constant': {
    severity: 'error',
    means: 'Neighbouring timestamps are equal.',
    remedy: 'Give every frame the time of its own centre.',
  },
  'timestamps/unit': {
    severity: 'error',
    original: 'warning',
    means: 'Timestamps seem to be in seconds, samples or frame numbers.',
    remedy: 'Convert them to milliseconds.',
  },
  'timestamps/negative': {
    severity: 'error',
    means: 'Timestamps lie before the audio begins.',
    remedy: 'The first frame may be centred on the first sample, which is 0 ms.',
  },
  'timestamps/irregular': {
    severity: 'error',
    original: 'error',
    means: 'Distances between timestamps differ from their mean by more than 1 ms.',
    remedy: 'Keep one hop; a model that cannot says so in its metadata (irregular_timestamps).',
  },
  'timestamps/declared-irregular': {
    severity: 'info',
    original: 'error',
    means: 'Timestamps are unevenly spaced, as the model says itself.',
    remedy: 'Nothing, if they are the true centres of the frames.',
  },
  'timestamps/differ-between-sounds': {
    severity: 'warning',
    means: 'Sounds of one length in one batch have different timestamps.',
    remedy: 'Timestamps depend on the length only.',
  },
  'timestamps/hop': {
    severity: 'warning',
    original: 'warning',
    means: 'Timestamps are more than 50 ms apart, the tolerance of the onset metrics.',
    milder: 'noted only where float32 rounding makes it so',
    remedy: 'Use a hop of 50 ms or less.',
  },
  'timestamps/late-start': {
    severity: 'warning',
    original: 'warning',
    means: 'The first timestamp lies more than a hop after the start.',
    remedy: 'Pad the start of the audio, so that its first events have embeddings.',
  },
  'timestamps/early-end': {
    severity: 'warning',
    original: 'warning',
    means: 'The last timestamp lies more than a hop before the end.',
    milder:
      'noted only where it is less than 1 ms more; an error where the second half of 20 s or more has none',
    remedy: 'Pad the end of the audio, so that its last events have embeddings.',
  },
  'timestamps/past-end': {
    severity: 'error',
    original: 'error',
    means: 'Timestamps lie beyond the end of the audio.',
    remedy: 'Drop the frames whose centres lie in the padding.',
  },
  'timestamps/off-centre': {
    severity: 'error',
    means: 'A click shows elsewhere than the timestamps say.',
    milder: 'a warning where it is off by a little',
    remedy: 'A timestamp is the centre of its frame, in the audio as given: count padding and half a window.',
  },
  'timestamps/click-unseen': {
    severity: 'warning',
    means: 'A click changes no timestamp embedding, so nobody can tell where the frames lie.',
    remedy: 'Check that timestamp embeddings follow the audio over time.',
  },
  'timestamps/drift': {
    severity: 'error',
    means: 'Timestamps run ahead of the audio, or fall behind it, over 20 minutes.',
    remedy: 'Round the start of each frame, not the hop: round(i * hopMs * sampleRate / 1000).',
  },
  'answers/change-between-calls': {
    severity: 'error',
    means: 'The same audio gives other embeddings when it is embedded again.',
    milder: 'a warning where they differ by a little',
    remedy:
      'Switch dropout and random augmentation off, and keep no state between calls (in PyTorch: model.eval()).',
  },
  'answers/depend-on-neighbours': {
    severity: 'error',
    means: 'A sound has other embeddings in a batch than alone.',
    milder: 'a warning where they differ by a little',
    remedy: 'Normalise each sound by itself, and put batch norm into evaluation mode.',
  },
  'answers/depend-on-order': {
    severity: 'error',
    means: "A sound's embeddings depend on its place in the batch.",
    milder: 'a warning where they differ by a little',
    remedy: 'Carry nothing from one sound of a batch to the next.',
  },
  'answers/depend-on-cuts': {
    severity: 'error',
    means: 'Audio that is embedded in pieces, as the metadata allow, has other embeddings than the whole.',
    milder: 'a warning where they differ by a little',
    remedy:
      'Declare a larger halo_samples (a frame of a recurrent net, or of one that normalises whole clips, needs chunking=none), and scene_from_timestamps only where scenes are those means.',
  },
  'answers/ignore-input': {
    severity: 'error',
    means: 'Different sounds have the same embeddings.',
    remedy: 'Check that weights are loaded and that the audio reaches the network.',
  },
  'memory/over-limit': {
    severity: 'error',
    means: "The model took more than HEAR's 16 GB, over which it was stopped.",
    remedy: 'Embed long audio in pieces.',
  },
  'licence/missing': {
    severity: 'warning',
    means: 'The licence of code or weights is not declared; a submission to HEAR needs open ones.',
    remedy:
      'Declare them: license and hear.weightsLicense in package.json, or code_license and weights_license in the metadata of an ONNX file.',
  },
} as const satisfies Readonly<Record<string, FindingKind>>

export type FindingCode = keyof typeof FINDING_KINDS
export const FINDING_CODES = Object.keys(FINDING_KINDS) as FindingCode[]

/** The kind that a code names. */
export function findingKind(code: FindingCode): FindingKind {
  return FINDING_KINDS[code]
}
