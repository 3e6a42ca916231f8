import { BridgeError } from '../core/errors.ts';

/** Half of a file is only ever here, by a name that no content has. */
export const incoming = '.incoming';

/** What fails of the file system below `dir` is CLAIMS_UNWRITABLE. */
export async function attempt<T>(dir: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (thrown) {
    if (thrown instanceof BridgeError) throw thrown;
    const why = codeOf(thrown) ?? 'an unknown failure';
    throw new BridgeError('CLAIMS_UNWRITABLE', `${dir} cannot be written: ${why}`, { cause: thrown });
  }
}

export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
