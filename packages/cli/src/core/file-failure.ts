import { exitCodes } from './exit-codes.ts'
import { Failure } from './failure.ts'

/** What the commonest of the system's codes mean to somebody who named a file. */
const reasons: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EISDIR: 'it is a folder',
  ENOTDIR: 'its path goes through a file',
  EPERM: 'permission denied',
  EROFS: 'the file system is read-only',
}

/** A file that was named by the caller, and that the system refused. */
export function describeFileError(
  act: 'read' | 'write',
  path: string,
  error: NodeJS.ErrnoException,
): Failure {
  const code = error.code ?? ''
  const missing = act === 'read' ? 'there is no such file' : 'there is no such folder'
  const reason = code === 'ENOENT' ? missing : (reasons[code] ?? error.message)
  const isDiskAtFault = code === 'ENOSPC' || code === 'EIO'
  return new Failure(
    isDiskAtFault ? exitCodes.unreachable : exitCodes.usage,
    `Can't ${act} ${path}: ${reason}.`,
    { code: error.code },
  )
}
