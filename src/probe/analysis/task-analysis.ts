/** What a result says per class and per clip, as plain JSON: nothing here is NaN, a class instance or a typed array. */

/** A figure as run.json has it: a finite number, or the reason why there is none. */
export type JsonFigure = number | { readonly undefined: string }

/** A score of the task. */
export interface MetricScore {
  readonly metric: string
  readonly score: JsonFigure
  /** Over folds and probe seeds; null where there is one probe. */
  readonly std: JsonFigure | null
  /** The 95 % interval, as run.json has it; null where it has none. */
  readonly interval: { readonly low: number; readonly high: number } | { readonly undefined: string } | null
}

export interface MulticlassAnalysis {
  readonly kind: 'multiclass'
  /** [classes][classes] tests by true class (outer) and by the class with the highest probability (inner). */
  readonly confusion: readonly (readonly number[])[]
  /** In the order of the vocabulary. */
  readonly perClass: readonly {
    readonly label: string
    /** Tests of clips of this class, and tests that took a clip for it. */
    readonly support: number
    readonly predicted: number
    readonly recall: JsonFigure
    readonly precision: JsonFigure
    readonly f1: JsonFigure
  }[]
  /** Most frequent first. */
  readonly confusedPairs: readonly {
    readonly truth: string
    readonly predicted: string
    readonly count: number
    /** Of the tests of the true class. */
    readonly share: number
  }[]
  /** Clips that were wrong at least once, the worst first. */
  readonly hardestClips: readonly {
    readonly clip: string
    readonly split: string
    readonly tests: number
    readonly wrong: number
    readonly truth: string
    /** The wrong class that it was taken for most often. */
    readonly predicted: string
    /** Mean over its tests. */
    readonly probabilityOfTruth: number
  }[]
}

export interface MultilabelAnalysis {
  readonly kind: 'multilabel'
  /** In the order of the vocabulary; figures are means over folds and seeds. */
  readonly perClass: readonly {
    readonly label: string
    /** Tests of clips with this label. */
    readonly support: number
    readonly averagePrecision: JsonFigure
    readonly rocAuc: JsonFigure
  }[]
  /** Every clip, the one with the largest loss first. */
  readonly hardestClips: readonly {
    readonly clip: string
    readonly split: string
    readonly tests: number
    readonly labels: readonly string[]
    /** Binary cross-entropy, mean over classes and tests. */
    readonly loss: number
    /** The labels that contribute most to the loss, with their mean probability. */
    readonly worst: readonly {
      readonly label: string
      readonly present: boolean
      readonly probability: number
    }[]
  }[]
}

interface TimesMs {
  readonly startMs: number
  readonly endMs: number
}

/** A reference event that was found or missed, or a predicted event that nothing stands behind. */
export interface JudgedEvent {
  readonly outcome: 'hit' | 'miss' | 'false alarm'
  readonly label: string
  /** Absent for a false alarm. */
  readonly reference?: TimesMs
  /** Absent for a miss. */
  readonly predicted?: TimesMs
}

export interface EventCounts {
  readonly reference: number
  readonly predicted: number
  readonly hits: number
  readonly misses: number
  readonly falseAlarms: number
}

/** One test of one clip. */
export interface EventClip extends Omit<EventCounts, 'reference' | 'predicted'> {
  readonly clip: string
  readonly split: string
  /** null where one probe seed was run. */
  readonly seed: number | null
  /** By time. */
  readonly events: readonly JudgedEvent[]
}

export interface EventAnalysis {
  readonly kind: 'events'
  /** What counts as a hit. */
  readonly collars: {
    /** The metric that the collars are of, and the primary metric where that has none of its own. */
    readonly metric: string
    readonly insteadOf: string | null
    readonly onsetMs: number
    /** null where offsets are not judged; the larger of the two counts. */
    readonly offset: { readonly collarMs: number; readonly shareOfLength: number } | null
  }
  /** Over all folds and seeds together. */
  readonly total: EventCounts & {
    readonly fMeasure: JsonFigure
    readonly precision: JsonFigure
    readonly recall: JsonFigure
  }
  /** In the order of the vocabulary. */
  readonly perClass: readonly (EventCounts & {
    readonly label: string
    readonly fMeasure: JsonFigure
    readonly precision: JsonFigure
    readonly recall: JsonFigure
  })[]
  /** Every test of every clip, the one with most misses and false alarms first. */
  readonly clips: readonly EventClip[]
}

export interface TaskAnalysis {
  readonly format: 'hearkit-analysis/1'
  /** Name of the task, and of its folder. */
  readonly task: string
  readonly folder: string
  readonly model: string
  readonly protocol: string
  /** The primary metric first. */
  readonly scores: readonly MetricScore[]
  /** The label vocabulary. */
  readonly classes: readonly string[]
  readonly folds: readonly string[]
  readonly seeds: readonly number[]
  /** Different clips that were tested. */
  readonly clips: number
  /** Tests: every clip counts once for each probe that tested it. */
  readonly tests: number
  readonly detail: MulticlassAnalysis | MultilabelAnalysis | EventAnalysis
}
