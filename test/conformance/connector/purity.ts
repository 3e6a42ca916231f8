import fc from 'fast-check';
import { expect } from 'vitest';
import { encodeStructured } from '../../../src/core/envelope.ts';
import { BridgeError } from '../../../src/core/errors.ts';
import type { Normalise, Outcome, RecordContext } from '../../../src/core/normalise.ts';
import type { RawRecord } from '../../../src/core/record.ts';
import { type ConnectorDefinition, type ConnectorPromises, firstFeed, someContext } from './definition.ts';

/** An outcome as something that can be compared. */
function readable(outcome: Outcome): unknown {
  if (outcome.kind === 'event') return encodeStructured(outcome.envelope).toString('base64');
  return outcome.kind === 'poison' ? [outcome.error.code, outcome.error.message] : outcome;
}

function outcomesOf(normalise: Normalise, record: RawRecord, context: RecordContext = someContext): unknown {
  return normalise(record, context).map(readable);
}

/** Bytes that begin as a good record and were then damaged; or any bytes at all. */
function anyBytes(samples: readonly Uint8Array[]): fc.Arbitrary<Uint8Array> {
  const damaged = fc
    .record({
      sample: fc.constantFrom(...samples),
      at: fc.nat(),
      remove: fc.nat(4),
      insert: fc.uint8Array({ maxLength: 4 }),
    })
    .map(({ sample, at, remove, insert }) => {
      const place = at % (sample.length + 1);
      return Buffer.concat([sample.subarray(0, place), insert, sample.subarray(place + remove)]);
    });
  const json = fc.jsonValue().map((value) => Buffer.from(JSON.stringify(value)));
  return fc.oneof({ arbitrary: damaged, weight: 3 }, fc.uint8Array({ maxLength: 100 }), json);
}

/** An event, nothing, or a dead letter: never a fault that would stop the feed. */
function expectBearable(outcomes: readonly Outcome[]): void {
  for (const outcome of outcomes) {
    if (outcome.kind !== 'poison') continue;
    expect(outcome.error).toBeInstanceOf(BridgeError);
    expect(outcome.error.disposition).toBe('poison');
    expect(outcome.error.message).not.toBe('');
  }
}

export function purityPromises(definition: ConnectorDefinition): ConnectorPromises {
  const { records } = definition;
  return {
    'makes equal outcomes of equal records, in any order': () => {
      const { normalise } = firstFeed(definition);
      const forwards = records.map(({ record }) => outcomesOf(normalise, record));
      const another = firstFeed(definition).normalise;
      const backwards = records.toReversed().map(({ record }) => outcomesOf(another, record));
      expect(backwards.toReversed()).toEqual(forwards);
    },
    'lets the time of receipt into no event': () => {
      const { normalise } = firstFeed(definition);
      for (const { record } of records) {
        const later = { ...record, receivedAt: new Date(record.receivedAt.getTime() + 86_400_000) };
        expect(outcomesOf(normalise, later)).toEqual(outcomesOf(normalise, record));
      }
    },
    'leaves the record as it was': () => {
      const { normalise } = firstFeed(definition);
      for (const { record } of records) {
        const before = structuredClone(record);
        normalise(record, someContext);
        expect(structuredClone(record)).toEqual(before);
      }
    },
    'never throws, whatever the bytes': () => {
      const { normalise } = firstFeed(definition);
      const [sample] = records;
      if (sample === undefined) throw new Error('no records to try');
      fc.assert(
        fc.property(anyBytes(records.map(({ record }) => record.bytes)), (bytes) => {
          expectBearable(normalise({ ...sample.record, bytes }, someContext));
        }),
        { numRuns: 2_000 },
      );
    },
    'bears nesting without end and a record of 10 MB': () => {
      const { normalise } = firstFeed(definition);
      for (const { record } of records.slice(0, 1)) {
        const bomb = Buffer.from(`{"id":"1","payload":${'['.repeat(100_000)}${']'.repeat(100_000)}}`);
        const large = Buffer.from(JSON.stringify({ id: '1', payload: 'x'.repeat(10 * 1024 ** 2) }));
        for (const bytes of [bomb, large]) expectBearable(normalise({ ...record, bytes }, someContext));
      }
    },
  };
}
