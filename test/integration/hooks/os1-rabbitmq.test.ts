import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { os1Delivery } from '../../../connectors/os1/simulator/bodies.ts';
import { startSender } from '../../../connectors/webhook/simulator/sender.ts';
import { signatures } from '../../../connectors/webhook/simulator/sign.ts';
import { startHookedBridge } from '../../support/hooks/hooked-bridge.ts';
import { innocence, judgeSender } from '../../support/hooks/judge-sender.ts';
import { post } from '../../support/hooks/listener.ts';
import { ownRabbitmqSuite } from '../../support/rabbitmq/acquire.ts';
import { bindQueue, declareExchange, drainQueue } from '../../support/rabbitmq/management.ts';

const timeout = 60_000;
const sign = signatures.os1('a secret');

const suite = await ownRabbitmqSuite();
suite('OS1 into RabbitMQ', (rabbitmq) => {
  test('the golden callback is the golden event, and what is answered 202 is in the queue', { timeout }, async () => {
    await declareExchange(rabbitmq, 'os1');
    await bindQueue(rabbitmq, 'os1', 'all', { settings: { 'x-queue-type': 'quorum' } });
    const os1 = {
      from: {
        connector: 'os1',
        account: 'acme',
        path: '/hooks/os1',
        verify: { preset: 'os1', keys: ['a secret'] },
        outcome: { error: 'data.status = "FAILED"' },
      },
      to: { broker: 'rabbit', exchange: 'os1', routingKey: '{type}' },
    };
    const rabbit = { type: 'rabbitmq', url: rabbitmq.url, username: 'guest', password: 'guest' };
    await using bridge = await startHookedBridge({ pipelines: { os1 }, brokers: { rabbit } });
    const folder = join(import.meta.dirname, '../../../connectors/os1/fixtures');
    const body = readFileSync(join(folder, 'records/container-created.body'));
    const { status } = await post(bridge.url('/hooks/os1'), body, sign({ body, id: '', at: 0 }));
    expect(status).toBe(202);
    const [golden, ...others] = await drainQueue(rabbitmq, 'all');
    expect(others).toEqual([]);
    expect(golden?.routingKey).toBe('com.delhivery.os1.container.created');
    expect(JSON.parse(String(golden?.body))).toEqual(
      JSON.parse(readFileSync(join(folder, 'golden/container-created.json'), 'utf8')),
    );

    const faults = { forged: 0.1, twice: 0.1, slow: 0.1, repeat: 0.1, malformed: 0.1 };
    await using sender = startSender({
      url: bridge.url('/hooks/os1'),
      make: os1Delivery,
      sign,
      deliveries: 200,
      faults,
    });
    await sender.done;
    const stored = (await drainQueue(rabbitmq, 'all')).map(({ body: text }) => String(text));
    expect(judgeSender(sender.ledger(), stored, await bridge.letters('os1/callbacks'))).toEqual(innocence);
    expect(sender.stats()).toMatchObject({ givenUp: 0 });
  });
});
