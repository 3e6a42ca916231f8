import { expect } from 'vitest';
import { type Envelope, encodeStructured } from '../../../src/core/envelope.ts';
import type { Outcome, RecordContext } from '../../../src/core/normalise.ts';
import { type ConnectorDefinition, type ConnectorPromises, firstFeed, someContext } from './definition.ts';

function kindOf(outcome: Outcome | undefined): string | undefined {
  return outcome?.kind === 'poison' ? outcome.error.code : outcome?.kind;
}

export function envelopePromises(definition: ConnectorDefinition): ConnectorPromises {
  const { records } = definition;
  const outcomesOf = (context: RecordContext): readonly (readonly [string, Uint8Array, Outcome])[] => {
    const { normalise } = firstFeed(definition);
    return records.flatMap(({ name, record }) =>
      normalise(record, context).map((outcome) => [name, record.bytes, outcome] as const),
    );
  };
  const events = (context: RecordContext = someContext): readonly (readonly [string, Envelope, Uint8Array])[] =>
    outcomesOf(context).flatMap(([name, bytes, outcome]) =>
      outcome.kind === 'event' ? [[name, outcome.envelope, bytes] as const] : [],
    );
  return {
    ...Object.fromEntries(
      records.map(({ name, record, becomes }) => [
        `makes ${becomes} of ${name}`,
        () => expect(firstFeed(definition).normalise(record, someContext).map(kindOf)).toContain(becomes),
      ]),
    ),
    'keeps each record byte for byte as data': () => {
      for (const [name, envelope, bytes] of events()) {
        if (!definition.rewrites) expect(Buffer.from(envelope.data.bytes).equals(bytes), name).toBe(true);
        const data = definition.rewrites ? envelope.data.bytes : bytes;
        if (envelope.data.kind === 'json')
          expect(encodeStructured(envelope).includes(Buffer.from(data)), name).toBe(true);
      }
    },
    'makes structured events that parse': () => {
      for (const [name, envelope] of events()) {
        const text = new TextDecoder('utf-8', { fatal: true }).decode(encodeStructured(envelope));
        expect(JSON.parse(text), name).toMatchObject({ ...envelope.attributes });
      }
    },
    'uses legal attribute names, and no empty or illegal values': () => {
      const odd = [
        someContext,
        { batchId: undefined, index: 0 },
        { batchId: 'a\r\nb', index: 0 },
        { batchId: '', index: 0 },
      ];
      for (const [name, { attributes }] of odd.flatMap((context) => events(context))) {
        for (const [attribute, value] of Object.entries(attributes)) {
          expect(attribute, name).toMatch(/^[a-z0-9]{1,20}$/);
          expect(value, `${attribute} of ${name}`).toMatch(/^[^\p{Cc}\p{Cs}]+$/u);
        }
      }
    },
    'gives every event what an event needs, and a partition key': () => {
      for (const [name, { attributes }] of events()) {
        expect(attributes, name).toMatchObject({
          specversion: '1.0',
          id: expect.any(String),
          source: expect.stringMatching(/^\/[\x21-\x7e]+$/),
          type: expect.stringMatching(/^\S+$/),
          datacontenttype: expect.any(String),
          partitionkey: expect.any(String),
        });
      }
    },
    'gives a time only in RFC 3339': () => {
      for (const [name, { attributes }] of events()) {
        if (attributes.time === undefined) continue;
        expect(attributes.time, name).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/i);
        expect(Date.parse(attributes.time), name).not.toBeNaN();
      }
    },
    'derives the same id whatever batch a record comes in': () => {
      const idsOf = (context: RecordContext): readonly unknown[] =>
        events(context).map(([, { attributes }]) => [attributes.id, attributes.source]);
      expect(idsOf({ batchId: 'another', index: 0 })).toEqual(idsOf(someContext));
      expect(idsOf({ batchId: undefined, index: 9 })).toEqual(idsOf(someContext));
    },
    'says in the reason of a dead letter which record of which batch it was': () => {
      const poison = outcomesOf({ batchId: 'batch-77', index: 13 }).flatMap(([, , outcome]) =>
        outcome.kind === 'poison' ? [outcome.error.message] : [],
      );
      expect(poison).not.toEqual([]);
      for (const reason of poison) expect(reason).toMatch(/13.*batch-77/);
    },
  };
}
