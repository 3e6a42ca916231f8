import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { closedPort } from '../../support/closed-port.ts';
import { type JobUpstream, json, startJobUpstream } from '../../support/requests/job-upstream.ts';
import { callBack, makeRequestingHome, type RequestingHome, request } from '../../support/requests/requesting-home.ts';

const created = { eventType: 'Created', service: 'Container', data: { id: 'CNT-1' } };

let resources: AsyncDisposableStack;
let upstream: JobUpstream;
let home: RequestingHome;
beforeEach(async () => {
  resources = new AsyncDisposableStack();
  upstream = resources.use(await startJobUpstream((_arrived, response) => json(response, 202, { ok: true })));
  home = resources.use(
    await makeRequestingHome({ upstream: upstream.url, os1: { outcome: { pending: '/data/pending' } } }),
  );
});
afterEach(() => resources.disposeAsync());

function callbackOf(index = 0): string {
  return (JSON.parse(upstream.arrived[index]?.body ?? '') as { callbackUrl: string }).callbackUrl;
}

const typesOf = async (topic: string) => (await home.stored(topic)).map(({ type }) => type);

describe('a request to OS1 through the bridge', () => {
  it('is known before OS1 has it: a callback that overtakes the answer is tied to it, and settles it', async () => {
    await home.start();
    upstream.respond = async (_arrived, response) => {
      expect(await callBack(callbackOf(), created)).toBe(202);
      json(response, 201, { requestId: 'r-1' });
    };
    const answer = await request(
      `${home.requestsUrl}/os1/containers?dry=1`,
      { name: 'x', size: 12345678901234567890n.toString() },
      {
        'x-correlation-id': 'order-7',
        'x-caller-reference': 'crm/42',
      },
    );
    expect(answer.status).toBe(201);
    expect(await answer.json()).toEqual({ requestId: 'r-1' });
    expect(answer.headers.get('x-correlation-id')).toBe('order-7');
    expect(answer.headers.get('x-feedferry-sent')).toBe('yes');
    expect(upstream.arrived[0]).toMatchObject({ method: 'POST', target: '/api/containers?dry=1' });

    const [event] = await home.stored('os1');
    expect(event).toMatchObject({ correlationid: 'order-7', callerref: 'crm/42', data: created });
    await expect
      .poll(() => typesOf('said'))
      .toEqual(['dev.feedferry.request.accepted', 'dev.feedferry.request.settled']);
    const [accepted] = await home.stored('said');
    expect(accepted).toMatchObject({
      source: '/feedferry/os1/acme',
      correlationid: 'order-7',
      callerref: 'crm/42',
      data: { feed: 'os1/callbacks', correlationid: 'order-7', callerref: 'crm/42' },
    });
  });

  it('gives its events what ties them, and leaves everything else of them as it is', async () => {
    await home.start();
    await request(`${home.requestsUrl}/os1/containers`, {});
    expect(await callBack(callbackOf().split('?')[0] ?? '', created)).toBe(202);
    expect(await callBack(callbackOf(), created)).toBe(202);
    const [plain, tied] = await home.stored('os1');
    const { correlationid, ...rest } = { ...tied };
    expect(correlationid).toMatch(/^[0-9a-f]{32}$/);
    expect(rest).toEqual(plain);
  });

  it('is settled by a callback that is not pending, and later ones are still its own, also after a restart', async () => {
    await home.start();
    await request(`${home.requestsUrl}/os1/containers`, {}, { 'x-correlation-id': 'c-1' });
    await callBack(callbackOf(), { ...created, data: { pending: true } });
    await expect.poll(() => typesOf('said')).toEqual(['dev.feedferry.request.accepted']);
    await home.stop();
    await home.start();
    await callBack(callbackOf(), created);
    await callBack(callbackOf(), { ...created, eventType: 'Updated' });
    expect((await home.stored('os1')).map(({ correlationid }) => correlationid)).toEqual(['c-1', 'c-1', 'c-1']);
    await expect
      .poll(() => typesOf('said'))
      .toEqual(['dev.feedferry.request.accepted', 'dev.feedferry.request.settled']);
  });

  it('says that it is stalled when nothing comes in time, once, and after a restart too', async () => {
    home = resources.use(
      await makeRequestingHome({
        upstream: upstream.url,
        os1: { requests: { baseUrl: `${upstream.url}/api`, stalledAfter: '300ms' } },
      }),
    );
    await home.start();
    await request(`${home.requestsUrl}/os1/containers`, {}, { 'x-correlation-id': 'c-2' });
    await home.stop();
    await home.start();
    await expect
      .poll(() => typesOf('said'))
      .toEqual(['dev.feedferry.request.accepted', 'dev.feedferry.request.stalled']);
    await home.stop();
    const { recorder } = await home.start();
    await callBack(callbackOf(), created);
    await expect.poll(() => recorder.of('request.changed').map(({ kind }) => kind)).toEqual(['request.settled']);
    expect(await typesOf('said')).toHaveLength(3);
  });

  it('is no job where it is not a POST, or where OS1 refuses it', async () => {
    const { recorder } = await home.start();
    upstream.respond = ({ method }, response) =>
      method === 'POST' ? json(response, 422, { error: 'no' }) : json(response, 200, { method });
    const refused = await request(`${home.requestsUrl}/os1/containers`, {});
    expect([refused.status, await refused.text()]).toEqual([422, '{"error":"no"}']);
    const read = await fetch(`${home.requestsUrl}/os1/containers/7`, {
      headers: { authorization: 'Bearer the-token-of-requests', connection: 'close' },
    });
    expect(await read.json()).toEqual({ method: 'GET' });
    expect(upstream.arrived[1]?.body).toBe('');
    expect(recorder.of('request.changed')).toEqual([]);
  });

  it('that is in flight is answered when the bridge is stopped, and no other is taken', async () => {
    const { daemon } = await home.start();
    const arrived = Promise.withResolvers<void>();
    const go = Promise.withResolvers<void>();
    upstream.respond = async (_arrived, response) => {
      arrived.resolve();
      await go.promise;
      json(response, 202, {});
    };
    const asking = request(`${home.requestsUrl}/os1/containers`, {}, { 'x-correlation-id': 'c-3' });
    await arrived.promise;
    const drained = daemon.drain('test');
    const refused = await request(`${home.requestsUrl}/os1/containers`, {});
    expect([refused.status, refused.headers.get('x-feedferry-sent')]).toEqual([503, 'no']);
    go.resolve();
    expect((await asking).status).toBe(202);
    await drained;
    expect(upstream.arrived).toHaveLength(1);
    await home.stop();
    await home.start();
    await expect.poll(() => typesOf('said')).toEqual(['dev.feedferry.request.accepted']);
  });
});

describe('a callback', () => {
  const from = { outcome: { pending: '/data/pending' } };

  it('finds its request through the spool too', async () => {
    home = resources.use(await makeRequestingHome({ upstream: upstream.url, os1: from, pipeline: { ack: 'spool' } }));
    await home.start();
    await request(`${home.requestsUrl}/os1/containers`, {}, { 'x-correlation-id': 'c-4' });
    expect(await callBack(callbackOf(), created)).toBe(202);
    await expect
      .poll(async () => (await home.stored('os1')).map(({ correlationid }) => correlationid))
      .toEqual(['c-4']);
    await expect
      .poll(() => typesOf('said'))
      .toEqual(['dev.feedferry.request.accepted', 'dev.feedferry.request.settled']);
  });

  it('settles nothing while its event is not safe', async () => {
    const port = await closedPort();
    const broker = { type: 'rabbitmq', url: `amqp://127.0.0.1:${port}`, username: 'guest', password: 'guest' };
    home = resources.use(
      await makeRequestingHome({
        upstream: upstream.url,
        os1: { ...from, answer: { within: '500ms' } },
        brokers: { away: broker },
        to: { broker: 'away', exchange: 'os1' },
      }),
    );
    const { daemon } = await home.start();
    await request(`${home.requestsUrl}/os1/containers`, {}, { 'x-correlation-id': 'c-5' });
    expect(await callBack(callbackOf(), created)).toBe(503);
    await expect.poll(() => typesOf('said')).toEqual(['dev.feedferry.request.accepted']);
    const requestId = new URL(callbackOf()).searchParams.get('feedferry-request') ?? '';
    expect(await daemon.state.requests.find('os1/callbacks', { requestId })).toMatchObject({ state: 'accepted' });
  });

  it('that was a dead letter settles its request when it is redriven', async () => {
    home = resources.use(
      await makeRequestingHome({ upstream: upstream.url, os1: { ...from, fields: { service: '/missing' } } }),
    );
    const { operations } = await home.start();
    await request(`${home.requestsUrl}/os1/containers`, {}, { 'x-correlation-id': 'c-6' });
    expect(await callBack(callbackOf(), created)).toBe(202);
    const [letter] = await operations.deadLetters({ feed: 'os1/callbacks', limit: 10 });
    expect(await typesOf('said')).not.toContain('dev.feedferry.request.settled');
    await home.stop();
    const again = await home.start({}, (text) => text.replace('"service":"/missing"', '"service":"/service"'));
    await again.operations.redrive(letter?.id ?? '', { outOfOrder: true, dryRun: false });
    expect((await home.stored('os1')).map(({ correlationid }) => correlationid)).toEqual(['c-6']);
    await expect
      .poll(() => typesOf('said'))
      .toEqual(['dev.feedferry.request.accepted', 'dev.feedferry.request.settled']);
  });
});
