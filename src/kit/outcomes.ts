import type { Envelope } from '../core/envelope.ts';
import { toBridgeError } from '../core/errors.ts';
import type { Normalise, RecordContext } from '../core/normalise.ts';
import type { RawRecord } from '../core/record.ts';

/** A normalise that makes one event of each record; what it throws makes the record poison. */
export function oneEach(toEnvelope: (record: RawRecord, context: RecordContext) => Envelope): Normalise {
  return (record, context) => {
    try {
      return [{ kind: 'event', envelope: toEnvelope(record, context) }];
    } catch (error) {
      return [{ kind: 'poison', error: toBridgeError(error) }];
    }
  };
}
