import fc from 'fast-check';
import { expect } from 'vitest';
import type { PollArrival } from '../../../src/core/connector.ts';
import { BridgeError } from '../../../src/core/errors.ts';
import type { HttpRequest, HttpResponse } from '../../../src/core/http.ts';
import { type ConnectorDefinition, type ConnectorPromises, feedsOf } from './definition.ts';

const context = { now: new Date('2026-11-22T10:15:30.250Z'), position: undefined };

function answer(status: number, body: Uint8Array = Buffer.alloc(0)): HttpResponse {
  return { status, headers: {}, body, receivedAt: context.now };
}

function polled(definition: ConnectorDefinition): readonly PollArrival[] {
  return feedsOf(definition).flatMap(({ arrival }) => (arrival.kind === 'poll' ? [arrival] : []));
}

/** Whatever it does with the answer, only a BridgeError may come out. */
function expectJudged(read: () => unknown): void {
  try {
    read();
  } catch (error) {
    expect(error).toBeInstanceOf(BridgeError);
  }
}

/** As the base URL's path must stay in front, whatever an id looks like. */
function expectBelow(request: HttpRequest): void {
  expect(request.path).toMatch(/^[^/\s\\][^\s\\]*$/);
  expect(new URL(request.path, 'http://upstream/base/').pathname).toMatch(/^\/base\/./);
}

export function pollPromises(definition: ConnectorDefinition): ConnectorPromises {
  if (polled(definition).length === 0) return {};
  const anyAnswer = fc.record({
    status: fc.oneof(fc.constantFrom(200, 204, 301, 401, 404, 429, 500), fc.integer({ min: 200, max: 599 })),
    body: fc.oneof(
      fc.uint8Array(),
      fc.json().map((text) => Buffer.from(text)),
    ),
  });
  return {
    'asks only below the base URL': () => {
      for (const arrival of polled(definition)) {
        const { complete, discard, next } = arrival.protocol;
        expectBelow(next(context));
        if (discard) expectBelow(discard.request(context));
        if (complete) {
          for (const id of ['1642925639481', 'a/b', 'a?b#c', '../x', 'ü']) expectBelow(complete.request(id, context));
        }
      }
    },
    'judges every answer, and throws nothing but its judgement': () => {
      for (const arrival of polled(definition)) {
        const { complete, discard, readNext } = arrival.protocol;
        fc.assert(
          fc.property(anyAnswer, ({ status, body }) => {
            expectJudged(() => readNext(answer(status, body)));
            expectJudged(() => complete?.read(answer(status, body)));
            expectJudged(() => discard?.read(answer(status, body)));
            complete?.salvageId(body);
          }),
          { numRuns: 500 },
        );
      }
    },
    'takes a server error for no batch and no complete': () => {
      for (const arrival of polled(definition)) {
        for (const status of [301, 401, 429, 500, 503]) {
          expect(() => arrival.protocol.readNext(answer(status))).toThrow(BridgeError);
          if (arrival.protocol.complete)
            expect(() => arrival.protocol.complete?.read(answer(status))).toThrow(BridgeError);
        }
      }
    },
  };
}
