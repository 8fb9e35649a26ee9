/** What happens to an archive, for a progress display. `file` is its file name. */
export type SourceEvent =
  | {
      readonly kind: 'download' | 'verify' | 'list'
      readonly file: string
      readonly bytes: number
      /** Unknown where the server does not say. */
      readonly totalBytes: number | undefined
    }
  /** A try failed; the next one comes after `waitMs`. */
  | { readonly kind: 'retry'; readonly file: string; readonly reason: string; readonly waitMs: number }
  /** Another program is downloading the same archive into the same cache. */
  | { readonly kind: 'wait'; readonly file: string }
