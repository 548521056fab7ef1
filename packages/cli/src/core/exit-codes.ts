/** What the process says when it ends; docs/reference/cli.md explains each to people. */
export const exitCodes = {
  fine: 0,
  /** A check found something wrong: a faulty receipt, an altered log, a line that was refused. */
  wrong: 1,
  /** The request itself is at fault: flags, query, credentials, an unknown id. */
  usage: 2,
  /** Nothing answers, or it cannot serve now; the same command may work later. */
  unreachable: 3,
} as const
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]
