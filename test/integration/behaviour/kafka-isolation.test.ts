import { describe, expect, test } from 'vitest';
import { ownKafkaSuite } from '../../support/kafka/acquire.ts';
import { illTopics } from '../../support/kafka-pipelines/ill-topics.ts';
import { clients } from '../../support/kafka-pipelines/kafka-daemon.ts';
import { type Trouble, timeToDrain, undisturbed } from '../../support/kafka-pipelines/time-to-drain.ts';

const suite = await ownKafkaSuite();

suite('five feeds drain in the time that they take alone', (kafka) => {
  const { bootstrap } = kafka;
  const wrongWays: Readonly<Record<string, Trouble>> = {
    ...illTopics,
    'credentials are wrong': {
      code: 'BROKER_AUTH_REFUSED',
      broker: {
        bootstrap: [kafka.saslBootstrap],
        sasl: { mechanism: 'plain', username: 'ferry', password: 'wrong' },
      },
    },
    'broker is not there': {
      code: 'BROKER_UNREACHABLE',
      broker: { bootstrap: ['127.0.0.1:1'] },
    },
  };

  describe.each(clients)('with %s', { timeout: 60_000 }, (client) => {
    test.each(Object.entries(illTopics))('beside a feed of their pipeline whose %s', async (name, trouble) => {
      const alone = await timeToDrain({ bootstrap, client });
      const beside = await timeToDrain({ bootstrap, client, neighbour: { kind: 'feed', name, trouble } });
      expect(beside).toBeLessThan(undisturbed(alone));
    });

    test.each(Object.entries(wrongWays))('beside a pipeline whose %s', async (name, trouble) => {
      const alone = await timeToDrain({ bootstrap, client });
      const beside = await timeToDrain({ bootstrap, client, neighbour: { kind: 'pipeline', name, trouble } });
      expect(beside).toBeLessThan(undisturbed(alone));
    });
  });
});
