import { describe, expect, it } from 'vitest';
import { createEnvelope, type Envelope, encodeStructured } from '../../src/core/envelope.ts';
import { BridgeError, type ErrorCode } from '../../src/core/errors.ts';
import type { HttpRequest, HttpResponse } from '../../src/core/http.ts';
import type { Outcome } from '../../src/core/normalise.ts';
import { enrich } from './enrich.ts';
import { answer } from './fixtures/read.ts';

const record = '{ "id": "1",  "score": 1.0 }';

function event(subject?: string): Envelope {
  return createEnvelope(
    {
      specversion: '1.0',
      id: '1',
      source: '/s',
      type: 't',
      subject,
      datacontenttype: 'application/json',
      partitionkey: 'k',
    },
    { kind: 'json', bytes: Buffer.from(record) },
  );
}

async function enriched(envelope: Envelope, respond: (request: HttpRequest) => HttpResponse) {
  const asked: string[] = [];
  const fetch = async (request: HttpRequest) => {
    asked.push(request.path);
    return respond(request);
  };
  const outcomes: readonly Outcome[] = await enrich.apply(envelope, { headers: {}, fetch });
  const [outcome] = outcomes;
  if (outcome?.kind !== 'event') throw new Error('no event');
  return { asked, json: encodeStructured(outcome.envelope).toString() };
}

async function codeOf(respond: () => HttpResponse): Promise<ErrorCode | undefined> {
  const error = await enriched(event('a/b'), respond).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  return error instanceof BridgeError ? error.code : undefined;
}

describe('enrich', () => {
  it('puts the record and the answer side by side, both byte for byte', async () => {
    const resource = '{"big":12345678901234567890}';
    const { asked, json } = await enriched(event('journeyquery/api/x/1'), () => answer(200, resource));
    expect(asked).toEqual(['journeyquery/api/x/1']);
    expect(json).toContain(`"data":{"record":${record},"resource":${resource}}`);
  });

  it.each([204, 404, 410])('takes %i for no resource', async (status) => {
    const { json } = await enriched(event('a/b'), () => answer(status, ''));
    expect(json).toContain('"resource":null}');
  });

  it('asks for nothing when the record points nowhere', async () => {
    const { asked, json } = await enriched(event(), () => answer(200, '{}'));
    expect(asked).toEqual([]);
    expect(json).toContain('"resource":null}');
  });

  it('takes one slash at the beginning for a path below the base URL, and two for what the client refuses', async () => {
    expect((await enriched(event('/a/b'), () => answer(200, '{}'))).asked).toEqual(['a/b']);
    expect((await enriched(event('//evil.example/b'), () => answer(200, '{}'))).asked).toEqual(['//evil.example/b']);
  });

  it.each<[number, string, ErrorCode]>([
    [500, '', 'UPSTREAM_ERROR'],
    [429, '', 'UPSTREAM_RATE_LIMITED'],
    [401, '', 'AUTH_REFUSED'],
    [403, '', 'RESOURCE_REFUSED'],
    [400, '', 'RESOURCE_REFUSED'],
    [200, '<html>', 'RESOURCE_REFUSED'],
  ])('fails on %i %s with %s', async (status, body, code) => {
    expect(await codeOf(() => answer(status, body))).toBe(code);
  });

  it('sets the record aside, and halts nothing, when its path leads out of the base URL', async () => {
    const refuse = () => {
      throw new BridgeError('UPSTREAM_REFUSED', 'the path leads out of the base URL');
    };
    expect(await codeOf(refuse)).toBe('RESOURCE_REFUSED');
  });
});
