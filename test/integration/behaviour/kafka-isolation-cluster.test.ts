import { beforeAll, describe, expect, test, vi } from 'vitest';
import { ownClusterSuite } from '../../support/kafka/acquire.ts';
import { createTopics, uniqueName } from '../../support/kafka/topics.ts';
import { createTopicOn } from '../../support/kafka-pipelines/ill-topics.ts';
import { clients } from '../../support/kafka-pipelines/kafka-daemon.ts';
import { bad, good, timeToDrain, undisturbed } from '../../support/kafka-pipelines/time-to-drain.ts';
import { timed } from '../../support/kafka-pipelines/verdict.ts';

const suite = await ownClusterSuite();
const dead = 2;

/** By where its only replicas are. */
const illnesses = [
  { name: 'topic has too few replicas in sync', nodes: [0, dead] },
  { name: 'topic has no leader', nodes: [dead] },
];
const neighbours = clients.flatMap((client) =>
  illnesses.flatMap(({ name, nodes }) =>
    (['feed', 'pipeline'] as const).map((kind) => {
      const prefixes = { alone: `${uniqueName('alone')}.`, beside: `${uniqueName('beside')}.` };
      return { client, name, nodes, kind, prefixes };
    }),
  ),
);

suite('with one of three nodes dead, five feeds drain in the time that they take alone', (cluster) => {
  const { bootstrap } = cluster;

  /** All of them at first: the library that creates topics is of no use any more once one has no leader. */
  beforeAll(async () => {
    const healthy = neighbours.flatMap(({ prefixes: { alone, beside } }) =>
      good.flatMap((feed) => [alone + feed, beside + feed]),
    );
    await createTopics(bootstrap, healthy, { replicas: 3, config: { ...timed, 'min.insync.replicas': '1' } });
    for (const { prefixes, nodes } of neighbours) {
      const config = { 'min.insync.replicas': String(nodes.length) };
      await createTopicOn(bootstrap, prefixes.beside + bad, nodes, config);
    }
    await cluster.nodes[dead]?.kill9();
    const leaderless = neighbours.find(({ nodes }) => nodes[0] === dead)?.prefixes.beside + bad;
    // The library that asks fails where there is none.
    const leader = () => cluster.leaderOf(leaderless).catch(() => undefined);
    await vi.waitFor(async () => expect(await leader()).toBeUndefined(), { timeout: 30_000 });
  }, 120_000);

  describe.each(clients)('with %s', (client) => {
    test.each(neighbours.filter((neighbour) => neighbour.client === client))(
      'beside a $kind whose $name',
      {
        timeout: 90_000,
      },
      async ({ prefixes, kind, name }) => {
        const alone = await timeToDrain({ bootstrap, client, prefix: prefixes.alone });
        const trouble = { code: 'BROKER_UNAVAILABLE' } as const;
        const beside = await timeToDrain({
          bootstrap,
          client,
          prefix: prefixes.beside,
          neighbour: { kind, name, trouble },
        });
        expect(beside).toBeLessThan(undisturbed(alone));
      },
    );
  });
});
