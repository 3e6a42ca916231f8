import { BridgeError } from '../../core/errors.ts';

const meanings: Readonly<Record<string, string>> = {
  ENOSPC: 'no space is left on the disk',
  EDQUOT: 'the disk quota is used up',
  EFBIG: 'the file may not grow any further',
  EIO: 'the disk reports an error',
  EROFS: 'the file system is read-only',
  EACCES: 'permission is missing',
  EPERM: 'permission is missing',
  ENOENT: 'it was removed while in use',
  ENOTDIR: 'a part of the path is a file',
  EEXIST: 'a file stands where a folder should be',
  EMFILE: 'the process has too many files open',
  ENFILE: 'the machine has too many files open',
};

const hints: Readonly<Record<string, string>> = {
  ENOSPC: 'Free some space, or lower `retainBytes` or `retainAge` of the broker. It goes on by itself.',
  EDQUOT: 'Raise the quota, or lower `retainBytes` or `retainAge` of the broker. It goes on by itself.',
  EACCES: 'Give the user that the bridge runs as the right to write there.',
  EPERM: 'Give the user that the bridge runs as the right to write there.',
  EROFS: 'Mount a writable volume at the broker’s `dir`.',
};

/** What Node says of a failed system call. */
function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

/** Every failure of the file system, as LOG_UNWRITABLE. `where` completes "cannot …". */
export function classify(error: unknown, where: string): BridgeError {
  if (error instanceof BridgeError) return error;
  const code = errorCode(error);
  const hint = hints[code];
  const meaning = meanings[code] ?? (error instanceof Error ? error.message : String(error));
  const message = `cannot ${where}: ${meaning}${code === '' ? '' : ` (${code})`}`;
  return new BridgeError('LOG_UNWRITABLE', message, { cause: error, ...(hint === undefined ? {} : { hint }) });
}
