import { expect, test } from 'vitest';
import { feedNames } from '../../connectors/fenergo/feeds.ts';
import { startBridge } from '../support/bridge/start-bridge.ts';
import { readLedgerParts } from '../support/judge/ledger-copy.ts';
import { ownKafkaSuite } from '../support/kafka/acquire.ts';
import { ownRabbitmqSuite } from '../support/rabbitmq/acquire.ts';
import { ownSqsSuite } from '../support/sqs/acquire.ts';
import { openDrain } from './drain.ts';
import { kafkaGround } from './kafka-ground.ts';
import { callsFor, killBridges } from './kill-bridges.ts';
import { rabbitmqGround } from './rabbitmq-ground.ts';
import { full, killMoments, seed } from './scale.ts';
import { sqsGround } from './sqs-ground.ts';

const kills = full ? 20 : 3;
const eventsPerFeed = full ? 5_000 : 300;
const settledMs = 30_000;

const onKafka = await ownKafkaSuite();
const onRabbitmq = await ownRabbitmqSuite();
const onSqs = await ownSqsSuite();

onKafka('a bridge to Kafka,', (kafka) => {
  onRabbitmq('RabbitMQ', (rabbitmq) => {
    onSqs('and SQS at once', (sqs) => {
      test(`${kills} kills, and one of the brokers killed with and without it, cost and reorder nothing at any, and double nothing where all was done`, {
        timeout: 900_000,
      }, async () => {
        const hurt = await rabbitmqGround(rabbitmq);
        const grounds = [await kafkaGround(kafka.bootstrap), hurt, await sqsGround(sqs.endpoint, 'FIFO')];
        await using drain = await openDrain(grounds, eventsPerFeed);
        const { home, upstream, simulator } = drain;
        const [first = 0, second = 0, ...others] = killMoments(kills + 1, callsFor(eventsPerFeed));

        const notRemembered = async () => {
          const parts = await readLedgerParts(home.stateDir);
          const { feeds } = simulator.stats();
          const open = feedNames.map((feed) => `${feed}/${feeds[feed].openBatchId}`);
          return open.flatMap((name) => [`${name} at kafka`, `${name} at sqs`]).filter((part) => !parts.has(part));
        };

        // Away and back, under one bridge: the others have nothing to do with it.
        {
          await using bridge = startBridge(home.configFile);
          await bridge.whileRunning(upstream.reached(first));
          const outage = await drain.outage(
            async () => {
              await rabbitmq.kill9();
              await bridge.whileRunning(rabbitmq.restart());
            },
            { at: hurt },
          );
          await bridge.whileRunning(drain.recovered(outage));
          expect(await bridge.sigterm()).toEqual({ code: 0, signal: null });
        }

        // The bridge dies while the others have what is open, and remembers it.
        {
          await using bridge = startBridge(home.configFile);
          await bridge.whileRunning(upstream.reached(second));
          await using resources = new AsyncDisposableStack();
          const outage = await drain.outage(
            async () => {
              await rabbitmq.kill9();
              await bridge.whileRunning(expect.poll(notRemembered, { timeout: settledMs, interval: 100 }).toEqual([]));
              await bridge.kill9();
              await drain.bridgeDied();
              const next = resources.use(startBridge(home.configFile));
              await next.whileRunning(rabbitmq.restart());
            },
            { at: hurt },
          );
          await drain.recovered(outage);
          await resources.disposeAsync();
          await drain.bridgeDied();
        }

        await killBridges(drain, others);
        await drain.finish(`kafka, rabbitmq and sqs, ${kills} kills of the bridge and 2 of rabbitmq (seed ${seed})`);
      });
    });
  });
});
