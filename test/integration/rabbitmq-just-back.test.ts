import { expect, it } from 'vitest';
import { justBackMs } from '../../src/sinks/rabbitmq/keeper.ts';
import { startFaultProxy } from '../support/fault-proxy/fault-proxy.ts';
import { ownRabbitmqSuite } from '../support/rabbitmq/acquire.ts';
import { bindQueue, declareExchange, drainQueue, manage, uniqueName } from '../support/rabbitmq/management.ts';
import { event, openSink, publish, routed, summary } from '../support/rabbitmq/sink-calls.ts';

const suite = await ownRabbitmqSuite();

suite('a RabbitMQ that was away', (rabbitmq) => {
  it('may lack queues for a moment, which halts no feed; later, what no queue takes has none', {
    timeout: 60_000,
  }, async () => {
    const place = uniqueName('back');
    await declareExchange(rabbitmq, place);
    await bindQueue(rabbitmq, place, place);
    await using resources = new AsyncDisposableStack();
    const proxy = resources.adopt(await startFaultProxy(new URL(rabbitmq.url).host), ({ stop }) => stop());
    await using sink = await openSink(`amqp://${proxy.address}`);
    const once = async () => summary(await publish(sink, routed(sink, [event(place)])));
    expect(await once()).toEqual(['confirmed']);
    proxy.reset();
    await manage(rabbitmq, 'DELETE', `queues/%2F/${place}`);
    await expect.poll(once, { timeout: justBackMs }).toEqual(['failed BROKER_UNAVAILABLE']);
    await bindQueue(rabbitmq, place, place);
    expect(await once()).toEqual(['confirmed']);
    expect(await drainQueue(rabbitmq, place)).toHaveLength(1);
    await manage(rabbitmq, 'DELETE', `queues/%2F/${place}`);
    await expect.poll(once, { timeout: 2 * justBackMs, interval: 200 }).toEqual(['failed DESTINATION_UNBOUND']);
  });
});
