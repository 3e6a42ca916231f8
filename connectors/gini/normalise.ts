import { digestId } from '../../src/core/digest.ts';
import { createEnvelope, type Envelope, type JobOutcome } from '../../src/core/envelope.ts';
import { BridgeError } from '../../src/core/errors.ts';
import type { Normalise, RecordContext } from '../../src/core/normalise.ts';
import type { RawRecord } from '../../src/core/record.ts';
import { attributeText } from '../../src/kit/attribute-text.ts';
import { toEventType } from '../../src/kit/event-type.ts';
import { parseJsonObject } from '../../src/kit/exact-json.ts';
import { oneEach } from '../../src/kit/outcomes.ts';
import { recordName } from '../../src/kit/record-name.ts';

export function giniSource(account: string): string {
  return `/gini/${encodeURIComponent(account)}`;
}

function outcomeOf(status: string): JobOutcome {
  if (status === 'ERROR') return 'error';
  return status === 'PENDING' ? 'pending' : 'ok';
}

/** Makes the pure function that turns what is said of documents into events. */
export function giniNormalise({
  account,
  typePrefix,
}: {
  readonly account: string;
  readonly typePrefix: string;
}): Normalise {
  const source = giniSource(account);

  function toEnvelope({ bytes, mediaType }: RawRecord, context: RecordContext): Envelope {
    const what = recordName(context);
    const body = parseJsonObject(bytes, mediaType, what);
    const field = (name: string): string => {
      const text = Object.hasOwn(body, name) ? attributeText(body[name]) : undefined;
      if (text !== undefined) return text;
      throw new BridgeError('RECORD_INVALID', `${what} has no usable ${name}`);
    };
    const documentId = field('documentId');
    const status = field('status');
    return createEnvelope(
      {
        specversion: '1.0',
        id: digestId(['gini', account, documentId, status]),
        source,
        type: toEventType(typePrefix, status),
        subject: documentId,
        datacontenttype: 'application/json',
        partitionkey: documentId,
        outcome: outcomeOf(status),
      },
      { kind: 'json', bytes },
    );
  }

  return oneEach(toEnvelope);
}
