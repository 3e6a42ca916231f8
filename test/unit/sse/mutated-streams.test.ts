import fc from 'fast-check';
import { expect, it } from 'vitest';
import { gini } from '../../../connectors/gini/index.ts';
import { refusalBytes, refusalForms } from '../../../connectors/sse/simulator/refusal-bytes.ts';
import type { FeedDefinition } from '../../../src/core/connector.ts';
import { BridgeError } from '../../../src/core/errors.ts';
import type { StreamAnswer, StreamArrival, StreamClient } from '../../../src/core/stream.ts';
import { createInbox } from '../../../src/sources/sse/inbox.ts';
import { visit } from '../../../src/sources/sse/visit.ts';

const mutations = 10_000;
const maxEvent = 4_096;

function giniFeed(): FeedDefinition & { readonly arrival: StreamArrival } {
  const [feed] = gini.feeds(gini.config.parse({ connector: 'gini', account: 'acme', maxEvent: `${maxEvent}B` }));
  if (feed?.arrival.kind !== 'sse') throw new Error('it is no stream');
  return { ...feed, arrival: feed.arrival };
}

const { arrival, normalise } = giniFeed();
const event = (status: string, more = '') =>
  `${more}event: document\r\nid: 7\ndata: {"documentId": "626626a0-749f-11e2-bfd6-000000000000",\ndata: "status": "${status}"}\n\n`;
const seeds: readonly Buffer[] = [
  Buffer.from(`\uFEFF: hi\n\nretry: 1500\n${event('PENDING')}${event('COMPLETED', ': €\n')}${event('ERROR')}`),
  Buffer.from(`${event('COMPLETED')}${'data: x\n'.repeat(700)}\n${event('ERROR')}`),
  ...refusalForms.map((form) => refusalBytes({ word: 'auth_failed', form, emptyLines: 2 })),
];

type Mutation = (bytes: Buffer) => Buffer;
const at = (bytes: Buffer, place: number) => place % (bytes.length + 1);

const mutation: fc.Arbitrary<Mutation> = fc.oneof(
  fc.tuple(fc.nat(), fc.uint8Array({ minLength: 1, maxLength: 6 })).map(
    ([place, added]): Mutation =>
      (bytes) =>
        Buffer.concat([bytes.subarray(0, at(bytes, place)), added, bytes.subarray(at(bytes, place))]),
  ),
  fc.tuple(fc.nat(), fc.nat({ max: 12 })).map(
    ([place, length]): Mutation =>
      (bytes) =>
        Buffer.concat([bytes.subarray(0, at(bytes, place)), bytes.subarray(at(bytes, place) + length)]),
  ),
  fc.tuple(fc.nat(), fc.nat({ max: 255 })).map(
    ([place, value]): Mutation =>
      (bytes) => {
        const copy = Buffer.from(bytes);
        if (copy.length > 0) copy[place % copy.length] = value;
        return copy;
      },
  ),
  fc.tuple(fc.nat(), fc.constantFrom('\r', '\n', '\0', 'id: \0\n', 'data\n', ':', 'auth_failed\n', '{', '\uFEFF')).map(
    ([place, added]): Mutation =>
      (bytes) =>
        Buffer.concat([bytes.subarray(0, at(bytes, place)), Buffer.from(added), bytes.subarray(at(bytes, place))]),
  ),
);

function clientOf(bytes: Buffer, pieceBytes: number): StreamClient {
  async function* chunks() {
    for (let from = 0; from < bytes.length; from += pieceBytes) yield bytes.subarray(from, from + pieceBytes);
  }
  const answer: StreamAnswer = {
    status: 200,
    headers: { 'content-type': 'text/event-stream' },
    chunks: chunks(),
    head: async () => ({ status: 200, headers: {}, body: bytes, receivedAt: new Date() }),
    abort() {},
  };
  return { open: async () => answer, renew: () => false, async [Symbol.asyncDispose]() {} };
}

const codes = new Set(['STREAM_ENDED', 'AUTH_REFUSED', 'UPSTREAM_REFUSED', 'STREAM_EVENT_TOO_LARGE']);
const never = new AbortController().signal;

it(`${mutations} mutated streams end as streams may end, and all that is read of them is an event or a dead letter`, {
  timeout: 120_000,
}, async () => {
  let events = 0;
  let poison = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...seeds),
      fc.array(mutation, { minLength: 1, maxLength: 6 }),
      fc.integer({ min: 1, max: 64 }),
      async (seed, changes, pieceBytes) => {
        const bytes = changes.reduce((changed, change) => change(changed), seed);
        const inbox = createInbox();
        const end = await visit(
          {
            arrival,
            client: clientOf(bytes, pieceBytes),
            inbox,
            lastEventId: undefined,
            settledMs: 60_000,
            works() {},
            arrived(record) {
              expect(record.bytes.length).toBeLessThanOrEqual(16 * 1_024);
              for (const outcome of normalise(record, { batchId: undefined, index: 0 })) {
                if (outcome.kind === 'event') events += 1;
                else poison += 1;
              }
            },
            moved() {},
            retry: (ms) => expect(ms).toBeGreaterThanOrEqual(0),
          },
          never,
        );
        expect(end.error).toBeInstanceOf(BridgeError);
        expect(codes).toContain(end.error.code);
      },
    ),
    { numRuns: mutations },
  );
  expect(events).toBeGreaterThan(mutations / 10);
  expect(poison).toBeGreaterThan(mutations / 100);
});
