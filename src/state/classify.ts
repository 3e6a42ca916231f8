import { BridgeError, type ErrorCode, type ErrorDetails, toBridgeError } from '../core/errors.ts';

type StateCode = Extract<ErrorCode, `STATE_${string}`>;

/** SQLite's primary result codes (the low byte of `errcode`) that say something about the file or its disk. */
const byResultCode: Readonly<Record<number, StateCode>> = {
  3: 'STATE_UNWRITABLE', // PERM
  5: 'STATE_LOCKED', // BUSY
  6: 'STATE_LOCKED', // LOCKED
  8: 'STATE_UNWRITABLE', // READONLY
  10: 'STATE_UNWRITABLE', // IOERR
  11: 'STATE_DAMAGED', // CORRUPT
  13: 'STATE_UNWRITABLE', // FULL
  14: 'STATE_UNWRITABLE', // CANTOPEN
  15: 'STATE_LOCKED', // PROTOCOL: lost a race for the lock
  26: 'STATE_DAMAGED', // NOTADB
};

/** Codes that are more exact than their low byte: the disk answered, but not with what was written. */
const byExtendedCode: Readonly<Record<number, StateCode>> = {
  8202: 'STATE_DAMAGED', // IOERR_DATA
  8458: 'STATE_DAMAGED', // IOERR_CORRUPTFS
};

const hints: Readonly<Partial<Record<StateCode, string>>> = {
  STATE_LOCKED: 'Close the program that has it open, or give this process a state directory of its own.',
  STATE_UNWRITABLE: 'Check free space, permissions and the health of the disk.',
  STATE_DAMAGED: 'Keep the file for analysis, move it away together with its -wal file, and start again.',
};

export function stateError(code: StateCode, message: string, details: ErrorDetails = {}): BridgeError {
  const hint = hints[code];
  return new BridgeError(code, message, hint === undefined ? details : { hint, ...details });
}

/** Whether SQLite refused because another connection holds the lock. */
export function isBusy(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && Number(error.errcode) % 256 === 5;
}

/** What a failure of node:sqlite or of the file system below `path` means. Anything else is a bug. */
export function classify(error: unknown, path: string): BridgeError {
  if (!(error instanceof Error) || error instanceof BridgeError || !('code' in error)) return toBridgeError(error);
  if (error.code === 'ERR_SQLITE_ERROR' && 'errcode' in error) {
    const errcode = Number(error.errcode);
    const code = byExtendedCode[errcode] ?? byResultCode[errcode % 256];
    const text = 'errstr' in error ? String(error.errstr) : error.message;
    if (code !== undefined) return stateError(code, `${path}: ${text}`, { cause: error });
  }
  // A call after close: the batch stays open upstream, as with any state that cannot be written.
  if (error.code === 'ERR_INVALID_STATE') {
    return stateError('STATE_UNWRITABLE', `${path} is closed`, { cause: error });
  }
  if ('syscall' in error) return stateError('STATE_UNWRITABLE', `${path}: ${error.code}`, { cause: error });
  return toBridgeError(error);
}

/** Runs `work`; what it throws is thrown on as a BridgeError. */
export function classified<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw classify(error, path);
  }
}

/** As `classified`, for work in which only the file can be at fault: fixed SQL that it cannot answer means damage. */
export function readable<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    const known = classify(error, path);
    if (known.code !== 'INTERNAL') throw known;
    throw stateError('STATE_DAMAGED', `${path}: ${known.message}`, { cause: error });
  }
}
