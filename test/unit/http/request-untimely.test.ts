import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { wapiJobs } from '../../../connectors/wapi/requests.ts';
import type { HttpRequest } from '../../../src/core/http.ts';
import type { RequestAnswer } from '../../../src/core/requests.ts';
import { Secret } from '../../../src/core/secret.ts';
import { forward } from '../../../src/http/requests/forward.ts';
import { createBudget } from '../../../src/http/server/budget.ts';
import { formField } from '../../../src/kit/webhook-form.ts';

const upstream = {
  baseUrl: 'https://api.example.com',
  auth: { kind: 'none' },
  headers: {},
  tls: {},
  timeouts: { connect: 1, headers: 1, body: 1 },
  maxResponseBytes: 1,
} as const;

/** What a WAPI got that gives these codes, the last one for good, and what became of the command, at some time. */
async function forwarded(now: string, codes: readonly string[]) {
  const { stalledMs, requests: protocol } = wapiJobs({
    account: { user: 'tester', password: new Secret('secret') },
    endpoint: upstream,
    polling: [],
    stalledAfter: 1_000,
    publishAnswer: false,
  });
  if (protocol === undefined) throw new Error('WAPI takes commands');
  const got: string[] = [];
  const states: RequestAnswer['state'][] = [];
  const client = {
    async send({ body, onSent }: HttpRequest & { readonly onSent?: () => void }) {
      onSent?.();
      const code = codes[Math.min(got.length, codes.length - 1)] ?? '';
      got.push(Buffer.from(formField(body ?? Buffer.alloc(0), 'request') ?? []).toString());
      const xml = `<response><code>${code}</code></response>`;
      return { status: 200, headers: {}, body: Buffer.from(xml), receivedAt: new Date(0) };
    },
  };
  const taker = {
    pipeline: 'wapi',
    feed: 'wapi/notifications',
    source: '/wapi/tester',
    stalledMs,
    protocol,
    client,
    callback: undefined,
    wake() {},
  } as const;
  const store = {
    async add() {},
    answered: async (_id: string, { state }: RequestAnswer) => void states.push(state),
  };
  const budget = createBudget({ requests: 1, bytes: 1_000 });
  const { signal } = new AbortController();
  const all = { store, budget, maxBodyBytes: 1_000, now: () => Date.parse(now), signal };
  const server = createServer((request, response) => {
    forward(request, 'wapi/xml', taker, all).then(
      ({ status, headers, body }) => response.writeHead(status, headers).end(body),
      () => response.destroy(),
    );
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const answer = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, {
    method: 'POST',
    headers: { 'content-type': 'application/xml', connection: 'close' },
    body: '<request><command>ping-async</command></request>',
  });
  const said = /<code>(.*)<\/code>/.exec(await answer.text())?.[1];
  server.close();
  return { got, states, said, sent: answer.headers.get('x-feedferry-sent') };
}

const without = (xml: string | undefined) => xml?.replace(/<auth>.*<\/auth>/, '');

test('a command that is refused at the turn of the hour is sent once more, with the other hour and nothing else new', async () => {
  const { got, states, said, sent } = await forwarded('2026-07-01T13:00:30Z', ['2050', '1001']);
  expect([said, sent, states]).toEqual(['1001', 'yes', ['accepted']]);
  expect(got).toHaveLength(2);
  expect(got[1]).not.toBe(got[0]);
  expect(without(got[1])).toBe(without(got[0]));
});

test('and once only', async () => {
  const { got, states, said, sent } = await forwarded('2026-07-01T13:00:30Z', ['2050']);
  expect([got.length, said, sent, states]).toEqual([2, '2050', 'yes', ['failed']]);
});

test.each([
  ['in mid-hour', '2026-07-01T12:30:00Z', '2050'],
  ['for another reason', '2026-07-01T13:00:30Z', '2051'],
])('a command that is refused %s is not sent again', async (_why, now, code) => {
  const { got, states, said, sent } = await forwarded(now, [code, '1001']);
  expect([got.length, said, sent, states]).toEqual([1, code, 'yes', ['failed']]);
});
