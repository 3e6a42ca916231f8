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
