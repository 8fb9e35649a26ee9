/** Something about a plan that its user should know, and that stops nothing. */
export interface PlanWarning {
  /** Stable, machine-readable name of the kind of warning. */
  readonly code: string
  readonly message: string
}
