import { BridgeError } from '../../../core/errors.ts';
import type { Answer } from '../client.ts';
import { isConnectionFailure } from '../connection-failure.ts';

/**
 * What a rejected send of one partition says of its records. After many failures the library looks up the topics anew,
 * and when that fails too, the failure hides the answer to the send itself: `direct` says that it did not.
 */
export function readRejection(error: BridgeError, direct: boolean): Answer {
  switch (error.disposition) {
    case 'poison':
      return { status: 'refused', error };
    case 'retryable':
      return { status: 'unknown', error };
    case 'fatal':
      if (isConnectionFailure(error)) return { status: 'unknown', error };
      if (direct) return { status: 'refused', error };
      return {
        status: 'unknown',
        error: new BridgeError('BROKER_UNAVAILABLE', error.message, { cause: error.cause }),
      };
  }
}
