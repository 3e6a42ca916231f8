import fc from 'fast-check';
import { expect } from 'vitest';
import type { WebhookArrival } from '../../../src/core/connector.ts';
import type { VerifiedRequest } from '../../../src/core/webhook.ts';
import { verifiedRequest } from '../../support/webhook/received-request.ts';
import { type ConnectorDefinition, type ConnectorPromises, feedsOf, someContext } from './definition.ts';

const receivedAt = new Date('2026-11-22T10:15:30.250Z');

/** What `verify` would have made of it. */
export function requestOf(
  body: Uint8Array | string,
  headers: Readonly<Record<string, string>> = { 'content-type': 'application/json' },
  target = '/hooks/any',
): VerifiedRequest {
  return verifiedRequest({ target, headers, body: Buffer.from(body), remoteAddress: '192.0.2.7', receivedAt });
}

function hooked(definition: ConnectorDefinition): readonly WebhookArrival[] {
  return feedsOf(definition).flatMap(({ arrival }) => (arrival.kind === 'webhook' ? [arrival] : []));
}

const secretHeaders = {
  authorization: 'Bearer hush',
  cookie: 'hush',
  'x-os1-signature': 'hush',
  'x-fenx-signature': 'hush',
};

export function webhookPromises(definition: ConnectorDefinition): ConnectorPromises {
  if (hooked(definition).length === 0) return {};
  const anyRequest = fc
    .record({
      type: fc.constantFrom(
        'application/json',
        'application/x-www-form-urlencoded',
        'text/xml',
        '',
        'x',
        'a/b;charset=z',
      ),
      target: fc.oneof(fc.webPath(), fc.string()),
      body: fc.oneof(
        fc.uint8Array(),
        fc.json().map(Buffer.from),
        fc.array(fc.jsonValue()).map((v) => Buffer.from(JSON.stringify(v))),
      ),
    })
    .map(({ type, target, body }) => requestOf(body, { ...secretHeaders, 'content-type': type }, target));
  return {
    'has paths that begin with a slash, and are told apart': () => {
      const paths = hooked(definition).map(({ path }) => path);
      for (const path of paths) expect(path).toMatch(/^(\/[^/?#\s]+)+$/);
      expect(new Set(paths).size).toBe(paths.length);
    },
    'answers with success, within a time': () => {
      for (const { answer, maxBodyBytes } of hooked(definition)) {
        expect(answer.status).toBeGreaterThanOrEqual(200);
        expect(answer.status).toBeLessThan(300);
        expect(answer.withinMs).toBeGreaterThan(0);
        expect(maxBodyBytes).toBeGreaterThan(0);
      }
    },
    'takes every request apart without throwing, and equally each time': () => {
      for (const { records } of hooked(definition)) {
        fc.assert(
          fc.property(anyRequest, (request) => {
            expect(records(request)).toEqual(records(request));
          }),
          { numRuns: 500 },
        );
      }
    },
    'makes something bearable of each record of any request': () => {
      const feeds = feedsOf(definition);
      for (const { arrival, normalise } of feeds) {
        if (arrival.kind !== 'webhook') continue;
        fc.assert(
          fc.property(anyRequest, (request) => {
            for (const record of arrival.records(request)) {
              for (const outcome of normalise(record, someContext)) {
                if (outcome.kind === 'poison') expect(outcome.error.disposition).toBe('poison');
              }
            }
          }),
          { numRuns: 500 },
        );
      }
    },
    'keeps no credentials, and no signature': () => {
      for (const { records, keepHeaders } of hooked(definition)) {
        expect(
          JSON.stringify(records(requestOf('{"a":1}', { ...secretHeaders, 'content-type': 'application/json' }))),
        ).not.toContain('hush');
        for (const name of keepHeaders) expect(name).toBe(name.toLowerCase());
      }
    },
    'keeps the time of receipt with each record': () => {
      for (const { records } of hooked(definition)) {
        for (const record of records(requestOf('{"a":1}'))) expect(record.receivedAt).toEqual(receivedAt);
      }
    },
  };
}
