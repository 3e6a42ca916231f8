import { expect, test } from 'vitest';
import { ownClusterSuite } from '../support/kafka/acquire.ts';
import { runTools } from '../support/kafka/run-tools.ts';
import { never, openSink } from '../support/kafka/sink-calls.ts';
import { createTopics, uniqueName } from '../support/kafka/topics.ts';

const suite = await ownClusterSuite();

suite('check on a cluster of three', ({ bootstrap }) => {
  async function check(client: string, topic: string, feeds: readonly string[]) {
    const broker = { client, bootstrap: bootstrap.split(',') };
    await using sink = await openSink(bootstrap, { topic, broker });
    return await sink.check(
      feeds.map((feed) => `test/${feed}` as const),
      never,
    );
  }

  test.each(['platformatic', 'kafkajs'])('tells with %s what weakens a topic', async (client) => {
    const stem = uniqueName('replicas');
    await createTopics(bootstrap, [`${stem}.good`], { replicas: 3 });
    await createTopics(bootstrap, [`${stem}.one`], { replicas: 3, config: { 'min.insync.replicas': '1' } });
    await createTopics(bootstrap, [`${stem}.all`], { replicas: 2 });
    const findings = await check(client, `${stem}.{feed}`, ['good', 'one', 'all']);
    expect(findings.map((found) => `${found.subject} ${found.severity === 'ok' ? 'ok' : found.code}`)).toEqual([
      'kafka ok',
      'test/good ok',
      'test/one ok',
      'test/one DESTINATION_NOT_REPLICATED',
      'test/all ok',
      'test/all DESTINATION_FRAGILE',
    ]);
  });

  test('gives a command that makes a topic with nothing to say against', async () => {
    const topic = uniqueName('made');
    const found = await check('platformatic', topic, ['a']);
    await runTools(found.flatMap((finding) => (finding.severity === 'ok' ? [] : (finding.command ?? []))).join('\n'));
    expect(await check('kafkajs', topic, ['a'])).toEqual([
      { severity: 'ok', subject: 'kafka', message: 'reachable, a cluster of 3 brokers' },
      {
        severity: 'ok',
        subject: 'test/a',
        message: `topic ${topic} has 3 partitions, 3 replicas, min.insync.replicas=2, max.message.bytes=1048588`,
      },
    ]);
  });
});
