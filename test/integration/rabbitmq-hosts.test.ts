import { afterAll, expect, it } from 'vitest';
import { giveUpInCi, suiteOn } from '../support/broker-suite.ts';
import { createAccount, permit } from '../support/rabbitmq/accounts.ts';
import { bindQueue, declareExchange, drainQueue, manage, uniqueName } from '../support/rabbitmq/management.ts';
import { startRabbitmqAsAsked } from '../support/rabbitmq/own-rabbitmq.ts';
import { event, openSink, publish, routed, summary } from '../support/rabbitmq/sink-calls.ts';

const never = new AbortController().signal;
const nowhere = 'amqp://127.0.0.1:1';

async function startTwo() {
  const started = await Promise.all([startRabbitmqAsAsked(), startRabbitmqAsAsked()]);
  const [first, second] = started;
  afterAll(() => Promise.all(started.map((broker) => broker.stop())));
  return { first, second };
}

const suite = suiteOn(await startTwo().catch(giveUpInCi));

suite('several hosts, and virtual hosts, of RabbitMQ', ({ first, second }) => {
  async function placeOnBoth(): Promise<string> {
    const name = uniqueName('hosts');
    for (const broker of [first, second]) {
      await declareExchange(broker, name);
      await bindQueue(broker, name, name);
    }
    return name;
  }

  it('a host that goes away in mid-run is passed over for the next one, with no event lost', {
    timeout: 60_000,
  }, async () => {
    const place = await placeOnBoth();
    await using sink = await openSink([first.url, nowhere, second.url]);
    const items = routed(
      sink,
      Array.from({ length: 6 }, () => event(place)),
    );
    expect(summary(await publish(sink, items.slice(0, 2)))).toEqual(['confirmed', 'confirmed']);
    await first.kill9();
    try {
      await expect
        .poll(async () => summary(await publish(sink, items.slice(2))), { timeout: 20_000, interval: 20 })
        .toEqual(['confirmed', 'confirmed', 'confirmed', 'confirmed']);
      const ids = new Set((await drainQueue(second, place)).map(({ properties }) => properties['message_id']));
      expect([...ids]).toEqual(items.slice(2).map(({ envelope }) => envelope.attributes.id));
    } finally {
      await first.restart();
    }
  });

  it('when all hosts are away, this is said of the last one, and nothing hangs', async () => {
    await using sink = await openSink([nowhere, 'amqp://127.0.0.1:2']);
    expect(summary(await publish(sink, routed(sink, [event('any')])))).toEqual(['failed BROKER_UNREACHABLE']);
  });

  it('check names each host, and looks at the rest by one that is there', async () => {
    const exchange = await placeOnBoth();
    await using sink = await openSink([nowhere, second.url], { to: { exchange } });
    const found = await sink.check(['test/feed'], never);
    expect(found).toMatchObject([
      { severity: 'error', code: 'BROKER_UNREACHABLE', message: expect.stringContaining('127.0.0.1:1') },
      { severity: 'ok', message: expect.stringMatching(/^2: .* is reachable/) },
      { severity: 'ok' },
      { severity: 'ok', message: expect.stringContaining(exchange) },
    ]);
  });

  it('events go to the virtual host of the address, whose name may hold a slash', async () => {
    const vhost = `${uniqueName('vhost')}/inner`;
    const escaped = encodeURIComponent(vhost);
    await second.ctl('add_vhost', vhost);
    await permit(second, second, {}, vhost);
    const exchange = uniqueName('inside');
    const topology = { mode: 'declare', queue: exchange };
    await using sink = await openSink(`${second.url}/${escaped}`, {
      broker: { management: second.management },
      to: { exchange, topology },
    });
    expect(summary(await publish(sink, routed(sink, [event('any')])))).toEqual(['confirmed']);
    expect(await manage(second, 'GET', `bindings/${escaped}/e/${exchange}/q/${exchange}`)).toMatchObject([{}]);
    const found = await sink.check(['test/feed'], never);
    expect(found.filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(found).toContainEqual(expect.objectContaining({ message: expect.stringContaining('leads to') }));
  });

  it('a virtual host that is missing, or closed to the account, halts the feed and is named', async () => {
    const account = await createAccount(second, 'none');
    for (const [url, name] of [
      [`${second.url}/nowhere`, 'nowhere'],
      [second.url, 'virtual host /'],
    ] as const) {
      await using sink = await openSink(url, { broker: account });
      expect(await publish(sink, routed(sink, [event('any')]))).toMatchObject([
        { status: 'failed', error: { code: 'BROKER_NOT_AUTHORISED', message: expect.stringContaining(name) } },
      ]);
    }
    const exchange = await placeOnBoth();
    await using sink = await openSink(second.url, { broker: account });
    const items = routed(sink, [event(exchange)]);
    expect(summary(await publish(sink, items))).toEqual(['failed BROKER_NOT_AUTHORISED']);
    await permit(second, account, {});
    expect(summary(await publish(sink, items))).toEqual(['confirmed']);
  });

  it('connections that an operator closes cost no event', async () => {
    const place = await placeOnBoth();
    await using sink = await openSink(second.url);
    const items = routed(sink, [event(place), event(place)]);
    expect(summary(await publish(sink, items.slice(0, 1)))).toEqual(['confirmed']);
    await second.ctl('close_all_connections', 'maintenance');
    await expect
      .poll(async () => summary(await publish(sink, items.slice(1))), { timeout: 15_000, interval: 20 })
      .toEqual(['confirmed']);
    const ids = new Set((await drainQueue(second, place)).map(({ properties }) => properties['message_id']));
    expect([...ids]).toEqual(items.map(({ envelope }) => envelope.attributes.id));
  });
});
