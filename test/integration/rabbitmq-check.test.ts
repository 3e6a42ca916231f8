import { expect, it } from 'vitest';
import type { Finding } from '../../src/core/finding.ts';
import { createAccount, permit } from '../support/rabbitmq/accounts.ts';
import { ownRabbitmqSuite } from '../support/rabbitmq/acquire.ts';
import { bindQueue, declareExchange, drainQueue, manage, uniqueName } from '../support/rabbitmq/management.ts';
import { event, openSink, publish, routed, type SinkSettings, summary } from '../support/rabbitmq/sink-calls.ts';

const suite = await ownRabbitmqSuite();
const never = new AbortController().signal;

function errors(findings: readonly Finding[]): readonly Finding[] {
  return findings.filter(({ severity }) => severity === 'error');
}

suite('what check says of an account at RabbitMQ', (rabbitmq) => {
  async function openPlace(type = 'topic') {
    const name = uniqueName('check');
    await declareExchange(rabbitmq, name, type);
    await bindQueue(rabbitmq, name, name);
    return name;
  }

  async function check(settings: SinkSettings): Promise<readonly Finding[]> {
    await using sink = await openSink(rabbitmq.url, settings);
    return await sink.check(['test/feed'], never);
  }

  it('an account that may not write is found, and one that may is not', async () => {
    const exchange = await openPlace();
    const reader = await createAccount(rabbitmq, { write: '^other$' });
    const writer = await createAccount(rabbitmq, { configure: '^$', write: `^${exchange}$`, read: '^$' });
    expect(errors(await check({ broker: reader, to: { exchange } }))).toMatchObject([
      { subject: 'test/feed', code: 'BROKER_NOT_AUTHORISED', message: expect.stringContaining(exchange) },
    ]);
    const found = await check({ broker: writer, to: { exchange } });
    expect(errors(found)).toEqual([]);
    expect(found).toContainEqual(
      expect.objectContaining({ message: expect.stringContaining('the account may write to it') }),
    );
  });

  it.each(['topic', 'fanout', 'direct'])('nothing is ever stored by asking, behind a %s exchange', async (type) => {
    const exchange = await openPlace(type);
    const writer = await createAccount(rabbitmq, {});
    for (const routingKey of ['{type}', '#', 'feedferry-check']) {
      expect(errors(await check({ broker: writer, to: { exchange, routingKey } }))).toEqual([]);
    }
    await using sink = await openSink(rabbitmq.url, { to: { routingKey: '#' } });
    const items = routed(sink, [event(exchange, { id: 'the only one' })]);
    expect(summary(await publish(sink, items))).toEqual(['confirmed']);
    expect((await drainQueue(rabbitmq, exchange)).map(({ properties }) => properties['message_id'])).toEqual([
      'the only one',
    ]);
  });

  it('permissions on topics count, where the routing key is known beforehand', async () => {
    const exchange = await openPlace();
    const account = await createAccount(rabbitmq, {});
    const topics = { exchange, write: '^allowed\\.', read: '.*' };
    await manage(rabbitmq, 'PUT', `topic-permissions/%2F/${account.username}`, topics);
    const asked = (routingKey: string) => check({ broker: account, to: { exchange, routingKey } });
    expect(errors(await asked('allowed.{feed}'))).toEqual([]);
    expect(errors(await asked('denied.{feed}'))).toMatchObject([
      { code: 'BROKER_NOT_AUTHORISED', message: expect.stringContaining('denied.feed') },
    ]);
    expect(errors(await asked('allowed.{type}'))).toMatchObject([
      { code: 'BROKER_NOT_AUTHORISED', hint: expect.stringContaining('may be allowed all the same') },
    ]);
  });

  it('a broker that has an alarm says so', { timeout: 60_000 }, async () => {
    const exchange = await openPlace();
    await rabbitmq.ctl('set_vm_memory_high_watermark', 'absolute', '1MB');
    try {
      await expect
        .poll(async () => errors(await check({ to: { exchange } })), { timeout: 20_000 })
        .toMatchObject([{ code: 'BROKER_UNAVAILABLE', message: expect.stringContaining('memory') }]);
    } finally {
      await rabbitmq.ctl('set_vm_memory_high_watermark', 'absolute', '512MB');
    }
    await expect.poll(async () => errors(await check({ to: { exchange } })), { timeout: 20_000 }).toEqual([]);
  });

  it('rights that are taken away in mid-run halt the feed with a clear word, and it goes on when they are back', async () => {
    const exchange = await openPlace();
    const account = await createAccount(rabbitmq, {});
    await using sink = await openSink(rabbitmq.url, { broker: account });
    const attempt = async () => await publish(sink, routed(sink, [event(exchange)]));
    expect(summary(await attempt())).toEqual(['confirmed']);
    await permit(rabbitmq, account, { write: '^$' });
    // The broker remembers for a while, over an open channel, what it has allowed.
    const refused = await expect
      .poll(attempt, { timeout: 20_000, interval: 1_500 })
      .toMatchObject([{ status: 'failed', error: { code: 'BROKER_NOT_AUTHORISED', disposition: 'fatal' } }])
      .then(attempt);
    expect(refused).toMatchObject([
      { error: { message: expect.stringContaining(exchange), hint: expect.stringContaining('write') } },
    ]);
    await permit(rabbitmq, account, {});
    await expect.poll(async () => summary(await attempt()), { timeout: 10_000 }).toEqual(['confirmed']);
  });
});

suite('what check sees of RabbitMQ by its management API', (rabbitmq) => {
  const { management } = rabbitmq;

  async function check(exchange: string, { broker = {}, to = {} }: SinkSettings = {}): Promise<readonly Finding[]> {
    await using sink = await openSink(rabbitmq.url, { broker: { management, ...broker }, to: { exchange, ...to } });
    return await sink.check(['test/feed'], never);
  }

  async function declareWith(settings: object): Promise<string> {
    const name = uniqueName('exchange');
    await manage(rabbitmq, 'PUT', `exchanges/%2F/${name}`, { type: 'topic', durable: true, ...settings });
    return name;
  }

  const setPolicy = (pattern: string, definition: object) =>
    manage(rabbitmq, 'PUT', `policies/%2F/${uniqueName('policy')}`, { pattern: `^${pattern}$`, definition });

  const alternate = { code: 'DESTINATION_UNSAFE', message: expect.stringContaining('alternate exchange elsewhere') };

  it('an alternate exchange is warned of, whether set by argument or by policy', async () => {
    const byArgument = await declareWith({ arguments: { 'alternate-exchange': 'elsewhere' } });
    const byPolicy = await declareWith({});
    await setPolicy(byPolicy, { 'alternate-exchange': 'elsewhere' });
    for (const exchange of [byArgument, byPolicy]) {
      await bindQueue(rabbitmq, exchange, exchange);
      expect(await check(exchange)).toContainEqual(expect.objectContaining({ severity: 'warning', ...alternate }));
    }
  });

  it('what it warns of is so: an alternate exchange hides that nobody has bound the key', async () => {
    const spare = await declareWith({ type: 'fanout' });
    await bindQueue(rabbitmq, spare, spare);
    const exchange = await declareWith({ arguments: { 'alternate-exchange': spare } });
    await using sink = await openSink(rabbitmq.url);
    expect(summary(await publish(sink, routed(sink, [event(exchange)])))).toEqual(['confirmed']);
    expect(await drainQueue(rabbitmq, spare)).toHaveLength(1);
  });

  it('an exchange that nothing is bound to is an error', async () => {
    const exchange = await declareWith({});
    expect(errors(await check(exchange))).toMatchObject([{ code: 'DESTINATION_UNBOUND' }]);
    const topology = { mode: 'declare', queue: `${exchange}-q` };
    expect(errors(await check(exchange, { to: { topology } }))).toEqual([]);
  });

  it('a queue that is there, but not bound, is named with the command that binds it', async () => {
    const exchange = await declareWith({});
    const queue = uniqueName('queue');
    await manage(rabbitmq, 'PUT', `queues/%2F/${queue}`, { durable: true });
    const found = await check(exchange, { to: { topology: { mode: 'verify', queue } } });
    expect(errors(found)).toContainEqual(
      expect.objectContaining({
        code: 'DESTINATION_MISSING',
        message: expect.stringContaining(`queue ${queue} is not bound`),
        command: expect.stringContaining('declare binding'),
      }),
    );
  });

  it('unsafe queues are warned of, also those behind another exchange and those unsafe by policy', async () => {
    const [exchange, inner] = [await declareWith({}), await declareWith({ type: 'fanout' })];
    await manage(rabbitmq, 'POST', `bindings/%2F/e/${exchange}/e/${inner}`, { routing_key: '#' });
    const [near, far] = [uniqueName('near'), uniqueName('far')];
    await bindQueue(rabbitmq, exchange, near, { settings: { 'x-max-length': 5 } });
    await setPolicy(far, { 'message-ttl': 60_000 });
    await bindQueue(rabbitmq, inner, far, { settings: { 'x-queue-type': 'quorum' } });
    // The API learns of policies with its statistics, every 5 s.
    await expect
      .poll(() => check(exchange), { timeout: 20_000, interval: 500 })
      .toEqual(
        expect.arrayContaining([
          expect.objectContaining({ severity: 'warning', message: expect.stringMatching(`${near} .*drop-head`) }),
          expect.objectContaining({ severity: 'warning', message: expect.stringMatching(`${far} .*message-ttl`) }),
        ]),
      );
    expect(await check(exchange)).toContainEqual(
      expect.objectContaining({ code: 'DESTINATION_NOT_REPLICATED', message: expect.stringContaining('(quorum)') }),
    );
  });

  it('an exchange of another type than declared is an error', async () => {
    const exchange = await declareWith({ type: 'fanout' });
    const topology = { mode: 'declare', queue: exchange };
    expect(errors(await check(exchange, { to: { topology } }))).toMatchObject([{ code: 'DESTINATION_MISMATCH' }]);
  });

  it('an account that may not look is a warning, and policies alone may be hidden', async () => {
    const exchange = await declareWith({});
    await bindQueue(rabbitmq, exchange, exchange);
    await setPolicy(exchange, { 'alternate-exchange': 'elsewhere' });
    const [blind, watcher] = [await createAccount(rabbitmq, {}), await createAccount(rabbitmq, {}, 'management')];
    const unseen = (what: string) =>
      expect.objectContaining({
        severity: 'warning',
        code: 'BROKER_NOT_AUTHORISED',
        message: expect.stringContaining(`its ${what}`),
      });
    const found = await check(exchange, { broker: blind });
    expect(errors(found)).toEqual([]);
    expect(found).toContainEqual(unseen('exchanges'));
    const seen = await check(exchange, { broker: { ...blind, management: { url: management, ...watcher } } });
    expect(seen).toContainEqual(unseen('policies'));
    expect(seen).toContainEqual(
      expect.objectContaining({ severity: 'ok', message: expect.stringContaining('leads to') }),
    );
    expect(JSON.stringify([found, seen])).not.toMatch(`${blind.password}|${watcher.password}`);
  });

  it('without the API, or when it is away, check says what it could not look at', async () => {
    const exchange = await declareWith({});
    const without = await check(exchange, { broker: { management: undefined } });
    expect(without).toContainEqual(
      expect.objectContaining({ severity: 'ok', message: expect.stringContaining('set management') }),
    );
    const away = await check(exchange, { broker: { management: 'http://127.0.0.1:1' } });
    expect(errors(away)).toEqual([]);
    expect(away).toContainEqual(expect.objectContaining({ severity: 'warning', code: 'BROKER_UNREACHABLE' }));
  });
});
