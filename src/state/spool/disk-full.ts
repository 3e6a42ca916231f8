import type { BridgeError } from '../../core/errors.ts';

/** Whether there was no room, on a disk that does what it says otherwise. */
export function isDiskFull({ cause }: BridgeError): boolean {
  if (!(cause instanceof Error)) return false;
  if ('errcode' in cause) return Number(cause.errcode) % 256 === 13;
  return 'code' in cause && (cause.code === 'ENOSPC' || cause.code === 'EDQUOT');
}
