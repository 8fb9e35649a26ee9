import { HearError } from '../../base/errors.js'

/** One deviation of an ONNX file from the contract. */
export interface OnnxIssue {
  readonly code: string
  /** The metadata key, input or output that is meant. */
  readonly where: string
  readonly expected: string
  readonly received: string
  /** The next thing to do: a command, or a sentence. */
  readonly remedy: string
}

/** An issue as a clause without an end. */
export function issueText({ where, expected, received }: OnnxIssue): string {
  return `${where}: expected ${expected}, found ${received}`
}

/** One error of all issues of a file, with the code and the remedy of the first. */
export function issuesError(path: string, issues: readonly OnnxIssue[]): HearError {
  const [first] = issues
  return new HearError(
    first.code,
    `"${path}" does not follow the ONNX contract. ${issues.map(issueText).join('; ')}.`,
    {
      hint:
        issues.length === 1
          ? first.remedy
          : `${first.remedy} (and see all of it with: hear onnx show ${path})`,
    },
  )
}
