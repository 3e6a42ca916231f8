import { afterEach, beforeEach, expect, it } from 'vitest';
import { startWapiSimulator, type WapiSimulator } from '../../../connectors/wapi/simulator/simulator.ts';
import { type JobUpstream, startJobUpstream } from '../../support/requests/job-upstream.ts';
import { makeRequestingHome, type RequestingHome, token } from '../../support/requests/requesting-home.ts';

const who = { user: 'tester', password: 'simulated-password' };

let resources: AsyncDisposableStack;
let upstream: WapiSimulator;
beforeEach(async () => {
  resources = new AsyncDisposableStack();
  upstream = resources.use(await startWapiSimulator());
});
afterEach(() => resources.disposeAsync());

async function homeWith(
  requests: Readonly<Record<string, unknown>> = {},
  baseUrl = upstream.baseUrl,
): Promise<RequestingHome> {
  const wapi = { api: { baseUrl, ...who }, poll: { schedule: { every: '1s' } }, requests };
  return resources.use(await makeRequestingHome({ upstream: baseUrl, wapi }));
}

function order(home: RequestingHome, body: string, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
  return fetch(`${home.requestsUrl}/wapi/wapi/xml`, {
    method: 'POST',
    body,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/xml', connection: 'close', ...headers },
  });
}

const said = async (home: RequestingHome) =>
  (await home.stored('said')).map(
    ({ type, correlationid }) => `${type.replace('dev.feedferry.', '')} ${String(correlationid)}`,
  );

it('a command gets who asks and a clTRID, and the notification that follows is tied to it and settles it', async () => {
  const home = await homeWith();
  await home.start();
  const form = new URLSearchParams({ request: '<request><command>domain-create</command></request>' }).toString();
  const answer = await order(home, form, {
    'content-type': 'application/x-www-form-urlencoded',
    'x-correlation-id': 'order-7',
    'x-caller-reference': 'crm/42',
  });
  expect([answer.status, answer.headers.get('x-feedferry-sent')]).toEqual([200, 'yes']);
  expect(await answer.text()).toContain('<code>1001</code>');
  await expect.poll(() => home.stored('wapi'), { timeout: 10_000 }).toHaveLength(1);
  expect(await home.stored('wapi')).toMatchObject([
    { type: 'com.wedos.wapi.domain-create', correlationid: 'order-7', callerref: 'crm/42', outcome: 'ok' },
  ]);
  await expect.poll(() => said(home)).toEqual(['request.accepted order-7', 'request.settled order-7']);
});

it('a command that is answered at once is settled by that, and is never said to be stalled', async () => {
  let calls = 0;
  const silent: JobUpstream = resources.use(
    await startJobUpstream(({ body }, response) => {
      const isCommand = decodeURIComponent(body).includes('<clTRID>');
      const code = isCommand ? ['1000', '1001'][Math.min(calls++, 1)] : '1003';
      response.writeHead(200, { 'content-type': 'text/xml' });
      response.end(`<response><code>${code}</code><svTRID>s${calls}</svTRID></response>`);
    }),
  );
  const home = await homeWith({ stalledAfter: '300ms' }, silent.url);
  await home.start();
  const command = '<request><command>ping</command></request>';
  await order(home, command, { 'x-correlation-id': 'at-once' });
  await order(home, command, { 'x-correlation-id': 'never' });
  // It began later, so the first one would be stalled before it.
  await expect
    .poll(() => said(home), { timeout: 10_000 })
    .toEqual([
      'request.accepted at-once',
      'request.settled at-once',
      'request.accepted never',
      'request.stalled never',
      'stalled never',
    ]);
  expect(await home.stored('wapi')).toEqual([]);
});

it('what is answered at once is published too where that is wanted, also when WAPI refuses the command', async () => {
  const home = await homeWith({ publishAnswer: true });
  await home.start();
  for (const command of ['ping', 'unknown', 'domain-create']) {
    await order(home, `<request><command>${command}</command></request>`, { 'x-correlation-id': command });
  }
  const events = async () =>
    (await home.stored('wapi')).map(({ type, correlationid, outcome }) => [type, correlationid, outcome]).toSorted();
  await expect.poll(events, { timeout: 10_000 }).toEqual([
    ['com.wedos.wapi.domain-create', 'domain-create', 'ok'],
    ['com.wedos.wapi.ping', 'ping', 'ok'],
    ['com.wedos.wapi.unknown', 'unknown', 'error'],
  ]);
  const [ping] = (await home.stored('wapi')).filter(({ type }) => type.endsWith('ping'));
  expect(ping?.data).toMatchObject({ response: { code: '1000', result: 'OK', command: 'ping' } });
});

it('an answer that waits to be published survives a restart, and is published once', async () => {
  const home = await homeWith({ publishAnswer: true });
  const { operations } = await home.start();
  await operations.pause('wapi/answers', 'a test');
  await order(home, '<request><command>ping</command></request>', { 'x-correlation-id': 'late' });
  await home.stop();
  const again = await home.start();
  expect(await home.stored('wapi')).toEqual([]);
  await again.operations.resume('wapi/answers', 'a test');
  await expect.poll(() => home.stored('wapi'), { timeout: 10_000 }).toMatchObject([{ correlationid: 'late' }]);
  await home.stop();
  await home.start();
  await order(home, '<request><command>ping</command></request>', { 'x-correlation-id': 'last' });
  await expect
    .poll(async () => (await home.stored('wapi')).map(({ correlationid }) => correlationid), { timeout: 10_000 })
    .toEqual(['late', 'last']);
});

it('a reload that would leave answers behind that wait to be published is refused, and says so', async () => {
  const home = await homeWith({ publishAnswer: true });
  let publishes = true;
  const edit = (text: string) => (publishes ? text : text.replace('"publishAnswer":true', '"publishAnswer":false'));
  const { daemon, operations } = await home.start({}, edit);
  await operations.pause('wapi/answers', 'a test');
  await order(home, '<request><command>ping</command></request>', { 'x-correlation-id': 'kept' });
  publishes = false;
  expect(await daemon.reload('test')).toMatchObject({
    outcome: 'refused',
    findings: [{ code: 'CONFIG_ORPHANS_STATE', subject: 'wapi/answers' }],
  });
  await operations.resume('wapi/answers', 'a test');
  await expect.poll(() => home.stored('wapi'), { timeout: 10_000 }).toMatchObject([{ correlationid: 'kept' }]);
  await expect.poll(() => daemon.reload('test'), { timeout: 10_000 }).toMatchObject({ outcome: 'applied' });
});

it('commands are refused before they are sent while too many answers wait to be published', async () => {
  const home = await homeWith({ publishAnswer: true });
  const { daemon, operations } = await home.start();
  await operations.pause('wapi/answers', 'a test');
  const { requests } = daemon.state;
  const record = {
    bytes: Buffer.alloc(64 * 1024 ** 2),
    mediaType: 'application/xml',
    headers: {},
    receivedAt: new Date(),
  };
  await order(home, '<request><command>ping</command></request>', { 'x-correlation-id': 'first' });
  const [first] = await requests.unpublished('wapi/notifications', 0, 1);
  await requests.answered(first?.requestId ?? '', { state: 'settled', at: new Date(), record });
  const answer = await order(home, '<request><command>domain-create</command></request>');
  expect([answer.status, answer.headers.get('x-feedferry-sent'), answer.headers.get('retry-after')]).toEqual([
    503,
    'no',
    '5',
  ]);
  expect(await answer.json()).toMatchObject({ error: { code: 'ANSWERS_FULL' } });
  expect(upstream.left()).toBe(0);
});

it.each([
  ['it is no XML', 'hello', {}],
  ['it is no command', '<notify><command>ping</command></notify>', {}],
  ['it has two commands', '<request><command>a</command><command>b</command></request>', {}],
  ['it would mark a notification', '<request><command>poll-ack</command><data><id>1</id></data></request>', {}],
  ['it has a clTRID of its own', '<request><command>ping</command><clTRID>mine</clTRID></request>', {}],
  ['it has entities', '<!DOCTYPE r [<!ENTITY e "x">]><request><command>&e;</command></request>', {}],
  ['it is JSON', '{"request":{}}', { 'content-type': 'application/json' }],
  ['its form has no such field', 'other=1', { 'content-type': 'application/x-www-form-urlencoded' }],
])('nothing is sent when %s', async (_why, body, headers) => {
  const home = await homeWith();
  await home.start();
  const answer = await order(home, body, headers);
  expect([answer.status, answer.headers.get('x-feedferry-sent')]).toEqual([422, 'no']);
  expect(await answer.json()).toMatchObject({ error: { code: 'REQUEST_UNFIT' } });
});
