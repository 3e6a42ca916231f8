import { test } from 'vitest';
import { ownRabbitmqSuite } from '../support/rabbitmq/acquire.ts';
import { rabbitmqGround } from './rabbitmq-ground.ts';
import { full } from './scale.ts';
import { killWapi } from './wapi-kills.ts';

const kills = full ? 20 : 3;
const events = full ? 2_000 : 200;

const suite = await ownRabbitmqSuite();

suite('a bridge from WAPI to RabbitMQ', (broker) => {
  test(`${kills} kills lose, reorder and mark nothing wrongly, and poison blocks nothing`, {
    timeout: 600_000,
  }, async () => {
    await killWapi('wapi, rabbitmq', await rabbitmqGround(broker), events, kills);
  });
});
