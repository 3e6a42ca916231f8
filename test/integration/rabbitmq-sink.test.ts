import { expect, it } from 'vitest';
import { ownRabbitmqSuite } from '../support/rabbitmq/acquire.ts';
import { bindQueue, declareExchange, deleteExchange, drainQueue, uniqueName } from '../support/rabbitmq/management.ts';
import { event, openSink, publish, routed, summary } from '../support/rabbitmq/sink-calls.ts';

const suite = await ownRabbitmqSuite();
const never = new AbortController().signal;

suite('events on their way to RabbitMQ', (rabbitmq) => {
  async function openPlace(settings: object = {}) {
    const name = uniqueName('sink');
    await declareExchange(rabbitmq, name);
    await bindQueue(rabbitmq, name, name, settings);
    return name;
  }

  it('an event that no queue takes is never confirmed, and its neighbours are', async () => {
    const place = await openPlace({ key: 'wanted' });
    await using sink = await openSink(rabbitmq.url);
    const items = routed(sink, [
      event(place, { key: 'a', type: 'wanted' }),
      event(place, { key: 'b', type: 'unwanted' }),
      event(place, { key: 'b', type: 'wanted' }),
      event(place, { key: 'c', type: 'wanted' }),
    ]);
    expect(summary(await publish(sink, items))).toEqual([
      'confirmed',
      'failed DESTINATION_UNBOUND',
      'failed NOT_SENT',
      'confirmed',
    ]);
    expect(await drainQueue(rabbitmq, place)).toHaveLength(2);
  });

  it('relaxed, an event does not wait for the one before it', async () => {
    const place = await openPlace({ key: 'wanted' });
    await using sink = await openSink(rabbitmq.url, { to: { order: 'relaxed' } });
    const items = routed(sink, [event(place, { type: 'unwanted' }), event(place, { type: 'wanted' })]);
    expect(summary(await publish(sink, items))).toEqual(['failed DESTINATION_UNBOUND', 'confirmed']);
  });

  it('a missing exchange is named, leaves other exchanges alone, and is found once it is there', async () => {
    const place = await openPlace();
    const missing = uniqueName('missing');
    await using sink = await openSink(rabbitmq.url);
    const items = routed(sink, [event(place), event(missing), event(place)]);
    const deliveries = await publish(sink, items);
    expect(summary(deliveries)).toEqual(['confirmed', 'failed DESTINATION_MISSING', 'confirmed']);
    expect(deliveries[1]).toMatchObject({ error: { message: expect.stringContaining(missing) } });
    await declareExchange(rabbitmq, missing);
    await bindQueue(rabbitmq, missing, missing);
    expect(summary(await publish(sink, items.slice(1, 2)))).toEqual(['confirmed']);
  });

  it('an exchange that is deleted later is named, too', async () => {
    const place = await openPlace();
    await using sink = await openSink(rabbitmq.url);
    const [before, after] = [routed(sink, [event(place)]), routed(sink, [event(place)])];
    expect(summary(await publish(sink, before))).toEqual(['confirmed']);
    await deleteExchange(rabbitmq, place);
    expect(summary(await publish(sink, after))).toEqual(['failed DESTINATION_MISSING']);
  });

  it('a full queue that refuses is waited for', async () => {
    const place = await openPlace({ settings: { 'x-max-length': 1, 'x-overflow': 'reject-publish' } });
    await using sink = await openSink(rabbitmq.url);
    const items = routed(sink, [event(place), event(place), event(place)]);
    const deliveries = await publish(sink, items);
    expect(summary(deliveries)).toContain('unknown BROKER_UNAVAILABLE');
    const open = deliveries.findIndex(({ status }) => status !== 'confirmed');
    expect(await drainQueue(rabbitmq, place)).toHaveLength(open);
    await expect
      .poll(async () => summary(await publish(sink, items.slice(open, open + 1))), { timeout: 10_000 })
      .toEqual(['confirmed']);
  });

  it('one event that is too large costs its neighbours on the channel no more than a retry', async () => {
    const place = await openPlace();
    await using sink = await openSink(rabbitmq.url, { broker: { confirmTimeout: '10s' } });
    const items = routed(
      sink,
      Array.from({ length: 20 }, (_, at) => event(place, { key: String(at), bytes: at === 7 ? 2 * 1024 ** 2 : 20 })),
    );
    const final = new Map<string, string>();
    await expect
      .poll(
        async () => {
          const open = items.filter(({ envelope }) => !final.has(envelope.attributes.id));
          const deliveries = await publish(sink, open);
          deliveries.forEach((delivery, at) => {
            const poison = delivery.status === 'failed' && delivery.error.disposition === 'poison';
            const id = open[at]?.envelope.attributes.id ?? '';
            if (delivery.status === 'confirmed' || poison) final.set(id, summary([delivery])[0] ?? '');
          });
          return final.size;
        },
        { timeout: 15_000, interval: 20 },
      )
      .toBe(items.length);
    expect(items.map(({ envelope }) => final.get(envelope.attributes.id))).toEqual(
      items.map((_, at) => (at === 7 ? 'failed EVENT_TOO_LARGE' : 'confirmed')),
    );
  });

  it('an event that does not fit into an AMQP message is poison', async () => {
    const place = await openPlace();
    await using sink = await openSink(rabbitmq.url);
    const items = routed(sink, [event(place), event(place, { id: 'x'.repeat(300) }), event(place)]);
    expect(summary(await publish(sink, items))).toEqual(['confirmed', 'failed EVENT_REFUSED', 'confirmed']);
    expect(() => routed(sink, [event(place, { type: 'x'.repeat(300) })])).toThrow(
      expect.objectContaining({ code: 'EVENT_UNROUTABLE' }),
    );
  });

  it('nothing more is sent while the broker has an alarm, and all goes on after it', { timeout: 60_000 }, async () => {
    const place = await openPlace();
    await using sink = await openSink(rabbitmq.url);
    expect(summary(await publish(sink, routed(sink, [event(place)])))).toEqual(['confirmed']);
    const items = routed(sink, [event(place), event(place)]);
    await rabbitmq.ctl('set_vm_memory_high_watermark', 'absolute', '1MB');
    try {
      await expect
        .poll(async () => summary(await publish(sink, items)), { timeout: 20_000 })
        .toEqual([expect.stringMatching(/^(failed|unknown) BROKER_UNAVAILABLE$/), 'failed NOT_SENT']);
    } finally {
      await rabbitmq.ctl('set_vm_memory_high_watermark', 'absolute', '512MB');
    }
    await expect
      .poll(async () => summary(await publish(sink, items)), { timeout: 20_000 })
      .toEqual(['confirmed', 'confirmed']);
  });

  it('a confirm that never comes is unknown at the deadline; sent again, all is there in order', async () => {
    const place = await openPlace();
    await using sink = await openSink(rabbitmq.url);
    expect(summary(await publish(sink, routed(sink, [event(place)])))).toEqual(['confirmed']);
    const items = routed(sink, [event(place), event(place), event(place)]);
    await rabbitmq.freeze();
    const deliveries = await publish(sink, items);
    rabbitmq.thaw();
    expect(summary(deliveries)).toEqual(['unknown BROKER_TIMEOUT', 'failed NOT_SENT', 'failed NOT_SENT']);
    await expect
      .poll(async () => summary(await publish(sink, items)), { timeout: 15_000 })
      .toEqual(['confirmed', 'confirmed', 'confirmed']);
    const ids = (await drainQueue(rabbitmq, place)).map(({ properties }) => properties['message_id']).slice(1);
    expect([...new Set(ids)]).toEqual(items.map(({ envelope }) => envelope.attributes.id));
  });

  it('a host that is away is passed over for the next one', async () => {
    const place = await openPlace();
    await using sink = await openSink(['amqp://127.0.0.1:1', rabbitmq.url]);
    expect(summary(await publish(sink, routed(sink, [event(place)])))).toEqual(['confirmed']);
  });

  it('check tells a wrong password, a missing virtual host and a missing exchange apart, with no secret', async () => {
    const wrong = await openSink(rabbitmq.url, { broker: { password: 'not-this-one' }, to: { exchange: 'any' } });
    const elsewhere = await openSink(`${rabbitmq.url}/nowhere`, { to: { exchange: 'any' } });
    const missing = await openSink(rabbitmq.url, { to: { exchange: 'it-is-missing' } });
    const found = [];
    for (await using sink of [wrong, elsewhere, missing]) found.push(await sink.check(['test/feed'], never));
    expect(found.map((findings) => findings.filter(({ severity }) => severity === 'error'))).toMatchObject([
      [{ code: 'BROKER_AUTH_REFUSED' }],
      [{ code: 'BROKER_NOT_AUTHORISED', message: expect.stringContaining('nowhere') }],
      [
        {
          code: 'DESTINATION_MISSING',
          command: expect.stringMatching(
            /^rabbitmqadmin .*declare exchange name=it-is-missing type=topic durable=true$/,
          ),
        },
      ],
    ]);
    expect(JSON.stringify(found)).not.toContain('not-this-one');
  });
});
