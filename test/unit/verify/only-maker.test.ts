import { globSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import type { ReceivedRequest, VerifiedRequest } from '../../../src/core/webhook.ts';
import { receivedRequest } from '../../support/webhook/received-request.ts';

const sources = globSync('{src,connectors,test,bench,demo,tools}/**/*.ts', { exclude: ['**/node_modules/**'] });

/** A claim about a type, in any of the ways of writing one. */
const claim = new RegExp(`\\bas\\s+[^;,)]*\\b${'Verified'}Request\\b|<${'Verified'}Request>\\s*[({\\w]`);

it('makes verified requests in one file alone', () => {
  expect(sources.length).toBeGreaterThan(500);
  const makers = sources.filter((file) => claim.test(readFileSync(file, 'utf8')));
  expect(makers).toEqual(['src/http/verify/compile.ts']);
});

it.each([
  `request as ${'Verified'}Request`,
  `request as unknown as ${'Verified'}Request`,
  `({ ...request } as Readonly<${'Verified'}Request>)`,
  `<${'Verified'}Request>(request)`,
  `<${'Verified'}Request>{ body }`,
])('would notice %s', (planted) => {
  expect(planted).toMatch(claim);
});

it('takes no request for a verified one that is none', () => {
  const take = (request: VerifiedRequest): ReceivedRequest => request;
  // @ts-expect-error This is what the type is for: `tsc` fails when it is accepted.
  expect(take(receivedRequest()).method).toBe('POST');
});
