import type { BridgeError } from '../../core/errors.ts';

/** Whether there was no room, on a disk that does what it says otherwise. */
export function isDiskFull({ cause }: BridgeError): boolean {
  if (!(cause instanceof Error)) return false;
  if ('errcode' in cause) return Number(cause.errcode) % 256 === 13;
  return 'code' in cause && (cause.code === 'ENOSPC' || cause.code === 'EDQUOT');
}

/** The cause of an error of a disk that has no room, as the file system tells it. */
export function noRoom(): Error {
  return Object.assign(new Error('no space left on the disk'), { code: 'ENOSPC' });
}
