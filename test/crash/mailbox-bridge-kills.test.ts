import { test } from 'vitest';
import { ownDovecotSuite } from '../support/dovecot/acquire.ts';
import { ownRabbitmqSuite } from '../support/rabbitmq/acquire.ts';
import { logGround } from './log-ground.ts';
import { killInMailbox } from './mailbox-kills.ts';
import { rabbitmqGround } from './rabbitmq-ground.ts';
import { full } from './scale.ts';

const kills = full ? 20 : 3;
const timeout = 600_000;
const promise = `${kills} kills in mid-mailbox lose nothing, keep order, mark no mail before its confirm, and double one mail each at most`;

const dovecot = await ownDovecotSuite();
const rabbitmq = await ownRabbitmqSuite();

dovecot('a mailbox to the log', (server) => {
  test(`marked by keywords: ${promise}`, { timeout }, async () => {
    await using ground = await logGround();
    await killInMailbox('mailbox, log', { server, ground, marks: 'keyword' }, kills);
  });

  test(`moved: ${promise}`, { timeout }, async () => {
    await using ground = await logGround();
    await killInMailbox('mailbox, log, moved', { server, ground, marks: 'move' }, kills);
  });
});

dovecot('a mailbox', (server) => {
  rabbitmq('to RabbitMQ', (broker) => {
    test(promise, { timeout }, async () => {
      await using ground = await rabbitmqGround(broker);
      await killInMailbox('mailbox, rabbitmq', { server, ground, marks: 'keyword' }, kills);
    });
  });
});
