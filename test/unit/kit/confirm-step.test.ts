import { describe, expect, it } from 'vitest';
import { createEnvelope } from '../../../src/core/envelope.ts';
import { BridgeError } from '../../../src/core/errors.ts';
import type { HttpRequest } from '../../../src/core/http.ts';
import { confirmSettings, confirmStep } from '../../../src/kit/confirm-step.ts';

const data = { kind: 'json', bytes: Buffer.from('{}') } as const;

function envelopeOf(correlationid: string | undefined) {
  return createEnvelope(
    {
      specversion: '1.0',
      id: 'id 1',
      source: '/os1/acme',
      type: 'com.example.x',
      datacontenttype: 'application/json',
      partitionkey: 'k',
      ...(correlationid !== undefined && { correlationid }),
    },
    data,
  );
}

/** What becomes of an event about which the upstream answers so. */
async function confirm(answer: number | BridgeError, correlationid?: string, template = 'requests/{correlationid}') {
  const asked: HttpRequest[] = [];
  const fetch = async (request: HttpRequest) => {
    asked.push(request);
    if (answer instanceof BridgeError) throw answer;
    return { status: answer, headers: {}, body: Buffer.from(''), receivedAt: new Date(0) };
  };
  const context = { fetch, headers: {} };
  const outcome = await confirmStep(template)
    .apply(envelopeOf(correlationid), context)
    .then(
      (outcomes) => outcomes.map(({ kind }) => kind).join(),
      (error: unknown) => (error instanceof BridgeError ? `${error.disposition} ${error.code}` : String(error)),
    );
  return { outcome, asked: asked.map(({ method, path }) => `${method} ${path}`) };
}

describe('confirm', () => {
  it.each([200, 202, 204])('lets an event pass about which upstream answers %i', async (status) => {
    expect(await confirm(status, 'req/7 f')).toEqual({ outcome: 'event', asked: ['GET requests/req%2F7%20f'] });
  });

  it.each([404, 410, 400, 301, 422])('makes it a dead letter at %i, and halts no feed', async (status) => {
    expect((await confirm(status, 'r')).outcome).toBe('poison EVENT_DISOWNED');
  });

  it.each([
    [500, 'retryable UPSTREAM_ERROR'],
    [429, 'retryable UPSTREAM_RATE_LIMITED'],
    [401, 'retryable AUTH_REFUSED'],
    [new BridgeError('UPSTREAM_TIMEOUT', 'late'), 'retryable UPSTREAM_TIMEOUT'],
    [new BridgeError('UPSTREAM_REFUSED', 'not below the base URL'), 'poison EVENT_DISOWNED'],
  ])('tries again what the event has no fault in: %s', async (answer, expected) => {
    expect((await confirm(answer, 'r')).outcome).toBe(expected);
  });

  it('asks nothing about an event without the attribute', async () => {
    expect(await confirm(200)).toEqual({ outcome: 'poison EVENT_DISOWNED', asked: [] });
    expect(await confirm(200, 'r', 'x/{unheardof}')).toEqual({ outcome: 'poison EVENT_DISOWNED', asked: [] });
  });

  it('may use any attribute, more than once', async () => {
    expect((await confirm(200, 'r', '{id}?a={correlationid}&b={id}')).asked).toEqual(['GET id%201?a=r&b=id%201']);
  });

  it('wants a path that names something', () => {
    const issues = confirmSettings.safeParse({ baseUrl: 'https://api.example.com', path: 'requests' }).error?.issues;
    expect(JSON.stringify(issues)).toContain('names an attribute');
  });
});
