import { afterEach, beforeEach, expect, test } from 'vitest';
import { startBridge } from '../support/bridge/start-bridge.ts';
import { type JobUpstream, json, startJobUpstream } from '../support/requests/job-upstream.ts';
import { callBack, makeRequestingHome, type RequestingHome, request } from '../support/requests/requesting-home.ts';

const created = { eventType: 'Created', service: 'Container', data: { id: 'CNT-1' } };
const timeout = 60_000;

let resources: AsyncDisposableStack;
let upstream: JobUpstream;
beforeEach(async () => {
  resources = new AsyncDisposableStack();
  upstream = resources.use(await startJobUpstream(() => {}));
});
afterEach(() => resources.disposeAsync());

async function homeWith(requests: Readonly<Record<string, unknown>> = {}): Promise<RequestingHome> {
  const os1 = { requests: { baseUrl: `${upstream.url}/api`, ...requests } };
  return resources.use(await makeRequestingHome({ upstream: upstream.url, os1 }));
}

function callbackOf(): string {
  return (JSON.parse(upstream.arrived.at(-1)?.body ?? '') as { callbackUrl: string }).callbackUrl;
}

/** A bridge as a process of its own, when it takes requests. */
async function bridgeOf(home: RequestingHome) {
  const bridge = resources.use(startBridge(home.configFile));
  await bridge.whileRunning(
    expect
      .poll(
        () =>
          fetch(home.requestsUrl).then(
            ({ status }) => status,
            () => 0,
          ),
        { timeout: 20_000 },
      )
      .toBe(401),
  );
  return bridge;
}

const said = async (home: RequestingHome) => (await home.stored('said')).map(({ type }) => type);

test('killed between sending and the answer: the callback finds its request, which is accepted and settled', {
  timeout,
}, async () => {
  const home = await homeWith();
  const bridge = await bridgeOf(home);
  const asking = request(`${home.requestsUrl}/os1/containers`, {}, { 'x-correlation-id': 'c-1' }).catch(() => 'cut');
  await expect.poll(() => upstream.arrived.length, { timeout: 10_000 }).toBe(1);
  await bridge.kill9();
  expect(await asking).toBe('cut');
  await bridgeOf(home);
  expect(await callBack(callbackOf(), created)).toBe(202);
  expect(await home.stored('os1')).toMatchObject([{ correlationid: 'c-1', data: created }]);
  await expect
    .poll(() => said(home), { timeout: 10_000 })
    .toEqual(['dev.feedferry.request.accepted', 'dev.feedferry.request.settled']);
});

test('killed between storing and sending: nothing was sent, and it is said that the request has stalled', {
  timeout,
}, async () => {
  const home = await homeWith({
    auth: { oauth2: { tokenUrl: `${upstream.url}/token`, clientId: 'feedferry', clientSecret: 'x' } },
    stalledAfter: '2s',
  });
  const bridge = await bridgeOf(home);
  const asking = request(`${home.requestsUrl}/os1/containers`, {}, { 'x-correlation-id': 'c-2' }).catch(() => 'cut');
  // It is stored by then, and waits for its token.
  await expect.poll(() => upstream.arrived.length, { timeout: 10_000 }).toBe(1);
  await bridge.kill9();
  expect(await asking).toBe('cut');
  await bridgeOf(home);
  await expect.poll(() => said(home), { timeout: 20_000 }).toEqual(['dev.feedferry.request.stalled']);
  expect(upstream.arrived.map(({ target }) => target)).toEqual(['/token']);
  expect(await home.stored('said')).toMatchObject([{ correlationid: 'c-2' }]);
});

test('killed again and again while requests flow: each callback of a request that arrived finds it', {
  timeout,
}, async () => {
  const home = await homeWith();
  upstream.respond = (_arrived, response) => json(response, 202, {});
  const references = new Map<string, string>();
  for (let life = 0; life < 3; life++) {
    const bridge = await bridgeOf(home);
    const asking = Array.from({ length: 50 }, (_, index) => {
      const id = `c-${life}-${index}`;
      return request(`${home.requestsUrl}/os1/containers`, { id }, { 'x-correlation-id': id }).catch(() => undefined);
    });
    await expect.poll(() => upstream.arrived.length, { timeout: 10_000 }).toBeGreaterThan(references.size + 10);
    await bridge.kill9();
    await Promise.all(asking);
    for (const { body } of upstream.arrived) {
      const { id, callbackUrl } = JSON.parse(body) as { id: string; callbackUrl: string };
      references.set(callbackUrl, id);
    }
  }
  await bridgeOf(home);
  for (const [url, id] of references) expect(await callBack(url, { ...created, data: { id } })).toBe(202);
  const found = (await home.stored('os1')).map(({ correlationid }) => correlationid);
  expect(found.toSorted()).toEqual([...references.values()].toSorted());
  const settled = async () => (await said(home)).filter((type) => type.endsWith('settled')).length;
  await expect.poll(settled, { timeout: 10_000 }).toBe(references.size);
});
