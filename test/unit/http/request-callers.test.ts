import { describe, expect, it, test } from 'vitest';
import { Secret } from '../../../src/core/secret.ts';
import { compileCallers } from '../../../src/http/requests/caller.ts';
import { correlationOf } from '../../../src/http/requests/correlation.ts';
import { answeredHeaders, passedHeaders } from '../../../src/http/requests/passed-headers.ts';

describe('without a token', () => {
  const judge = compileCallers(undefined);
  test.each([
    ['127.0.0.1', { host: '127.0.0.1:8081' }, undefined],
    ['::1', { host: '[::1]:8081' }, undefined],
    ['::ffff:127.0.0.1', { host: 'localhost' }, undefined],
    ['10.0.0.7', { host: '127.0.0.1:8081' }, 403],
    [undefined, { host: '127.0.0.1:8081' }, 403],
    ['127.0.0.1', { host: 'rebound.evil.test' }, 403],
    ['127.0.0.1', {}, 403],
    ['127.0.0.1', { host: 'localhost', origin: 'https://evil.test' }, 403],
  ])('from %s with %j: %s', (peer, headers, status) => {
    expect(judge({ peer, headers })?.status).toBe(status);
  });
});

describe('with a token', () => {
  const judge = compileCallers(new Secret('abc.def', 'test'));
  test.each([
    ['Bearer abc.def', undefined],
    ['bearer   abc.def', undefined],
    ['Bearer abc.deg', 401],
    ['Bearer abc.de', 401],
    ['Bearer abc.def abc.def', 401],
    ['abc.def', 401],
    ['', 401],
    [undefined, 401],
  ])('%j from anywhere: %s', (authorization, status) => {
    const headers = authorization === undefined ? {} : { authorization };
    expect(judge({ peer: '10.0.0.7', headers })?.status).toBe(status);
  });
});

describe('what a caller knows its request by', () => {
  const trace = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
  test.each([
    [{}, 'own', undefined],
    [{ traceparent: trace }, 'a'.repeat(32), undefined],
    [{ traceparent: 'none' }, 'own', undefined],
    [{ traceparent: trace, 'x-correlation-id': 'order 7' }, 'order 7', undefined],
    [{ 'x-caller-reference': 'crm/42' }, 'own', 'crm/42'],
  ])('%j', (headers, correlationId, callerReference) => {
    expect(correlationOf(headers, 'own')).toEqual({ correlationId, callerReference });
  });

  test.each(['', ' ', 'a\tb', 'é', 'a ', 'x'.repeat(129), 'a\r\nb'])('is refused as %j', (value) => {
    for (const name of ['x-correlation-id', 'x-caller-reference']) {
      expect(() => correlationOf({ [name]: value }, 'own')).toThrow(expect.objectContaining({ code: 'REQUEST_UNFIT' }));
    }
  });
});

it('passes on no header that a connection owns, that breaks a line, or that is not of the content', () => {
  const headers = {
    accept: 'text/plain',
    'content-type': 'application/json\r\nx-evil: 1',
    prefer: 'respond-async',
    connection: 'close, Prefer',
    'transfer-encoding': 'chunked',
    'content-length': '5',
    host: 'evil.test',
    cookie: 'a=1',
    authorization: 'Bearer x',
  };
  expect(passedHeaders(headers)).toEqual({ accept: 'text/plain' });
  const answer = { 'content-type': 'a/b', 'set-cookie': 'a=1', etag: '"1"\n', connection: 'x', 'x-powered-by': 'y' };
  expect(answeredHeaders(answer)).toEqual({ 'content-type': 'a/b' });
});
