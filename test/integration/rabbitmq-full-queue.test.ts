import { createServer, connect as dial } from 'node:net';
import { expect, it } from 'vitest';
import type { Sink } from '../../src/core/sink.ts';
import { refusedMs } from '../../src/sinks/rabbitmq/keeper.ts';
import { ownRabbitmqSuite } from '../support/rabbitmq/acquire.ts';
import { bindQueue, declareExchange, drainQueue, manage, uniqueName } from '../support/rabbitmq/management.ts';
import { event, openSink, publish, routed, summary } from '../support/rabbitmq/sink-calls.ts';

const suite = await ownRabbitmqSuite();

const room = 5;
const flowingLimitMs = refusedMs + 10_000;

/** A way to the broker that counts who goes it. */
async function startCounter(url: string) {
  const { port, hostname } = new URL(url);
  let opened = 0;
  let open = 0;
  const server = createServer((near) => {
    opened++;
    open++;
    const far = dial(Number(port), hostname);
    near.pipe(far).pipe(near);
    near.on('error', () => far.destroy());
    far.on('error', () => near.destroy());
    near.on('close', () => {
      open--;
      far.destroy();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const own = typeof address === 'object' && address ? address.port : 0;
  return {
    url: `amqp://127.0.0.1:${own}`,
    opened: () => opened,
    open: () => open,
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}

suite('a full queue of RabbitMQ that refuses (x-overflow: reject-publish)', (rabbitmq) => {
  async function limit(name: string): Promise<void> {
    await manage(rabbitmq, 'PUT', `policies/%2F/${name}`, {
      pattern: `^${name}$`,
      definition: { 'max-length': room, overflow: 'reject-publish' },
      'apply-to': 'queues',
    });
  }

  const lift = (name: string) => manage(rabbitmq, 'DELETE', `policies/%2F/${name}`);

  async function openPlace(kind: string): Promise<string> {
    const name = uniqueName('full');
    await declareExchange(rabbitmq, name);
    await bindQueue(rabbitmq, name, name, { settings: { 'x-queue-type': kind } });
    return name;
  }

  /** Events of one lane, published until one is refused; gives the ids of those that were taken, and what is open. */
  async function fill(sink: Sink, name: string) {
    const taken: string[] = [];
    for (;;) {
      const [item] = routed(sink, [event(name)]);
      if (!item) throw new Error('nothing was routed');
      const [told] = summary(await publish(sink, [item]));
      if (told !== 'confirmed') {
        expect(told).toBe('unknown BROKER_UNAVAILABLE');
        return { taken, item };
      }
      taken.push(item.envelope.attributes.id);
    }
  }

  for (const kind of ['quorum', 'classic']) {
    it(`${kind}: takes events again when the limit is lifted, each of them once`, { timeout: 60_000 }, async () => {
      const place = await openPlace(kind);
      await limit(place);
      await using sink = await openSink(rabbitmq.url);
      const { taken, item } = await fill(sink, place);
      await lift(place);
      const limits = { timeout: flowingLimitMs, interval: 50 };
      await expect.poll(async () => summary(await publish(sink, [item])), limits).toEqual(['confirmed']);
      const ids = (await drainQueue(rabbitmq, place)).map(({ properties }) => properties['message_id']);
      expect(ids).toEqual([...taken, item.envelope.attributes.id]);
    });

    it(`${kind}: takes events again when it is drained, each of them once`, { timeout: 60_000 }, async () => {
      const place = await openPlace(kind);
      await limit(place);
      await using sink = await openSink(rabbitmq.url);
      const { taken, item } = await fill(sink, place);
      const first = await drainQueue(rabbitmq, place);
      const limits = { timeout: flowingLimitMs, interval: 50 };
      await expect.poll(async () => summary(await publish(sink, [item])), limits).toEqual(['confirmed']);
      const ids = [...first, ...(await drainQueue(rabbitmq, place))].map(({ properties }) => properties['message_id']);
      expect(ids).toEqual([...taken, item.envelope.attributes.id]);
    });
  }

  it('that stays full costs one new connection in that time at most, and its neighbours nothing', {
    timeout: 60_000,
  }, async () => {
    const [place, neighbour] = [await openPlace('quorum'), await openPlace('quorum')];
    await limit(place);
    await using way = await startCounter(rabbitmq.url);
    const sent: string[] = [];
    {
      await using sink = await openSink(way.url);
      const { item } = await fill(sink, place);
      const startedAt = performance.now();
      const told = new Set<string>();
      const limits = { timeout: 2 * refusedMs + 20_000, interval: 50 };
      const publishBoth = async () => {
        const beside = event(neighbour, { key: 'beside' });
        const [full = '', free = ''] = summary(await publish(sink, [item, ...routed(sink, [beside])]));
        told.add(`full: ${full}`).add(`neighbour: ${free}`);
        sent.push(beside.attributes.id);
        return way.opened();
      };
      await expect.poll(publishBoth, limits).toBe(3);
      expect([...told]).toEqual(['full: unknown BROKER_UNAVAILABLE', 'neighbour: confirmed']);
      expect(performance.now() - startedAt).toBeGreaterThan(2 * refusedMs - 500);
      await expect.poll(way.open, { timeout: 5_000 }).toBe(1);
    }
    await expect.poll(way.open, { timeout: 5_000 }).toBe(0);
    const ids = (await drainQueue(rabbitmq, neighbour)).map(({ properties }) => properties['message_id']);
    expect(ids).toEqual(sent);
  });
});
