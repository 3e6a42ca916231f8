import { describe, expect, test } from 'vitest';
import { topologyScript } from '../../src/cli/topology.ts';
import type { FeedName } from '../../src/core/batch.ts';
import type { Finding } from '../../src/core/finding.ts';
import { closedPort } from '../support/closed-port.ts';
import { sqsSuite } from '../support/sqs/acquire.ts';
import { startFauxqs } from '../support/sqs/fauxqs.ts';
import { refusal, standBefore } from '../support/sqs/interfering.ts';
import { createQueue } from '../support/sqs/protocol.ts';
import { never, openSink, uniqueName } from '../support/sqs/sink-calls.ts';

async function check(
  endpoint: string,
  queue: string,
  feeds: readonly FeedName[] = ['test/a'],
): Promise<readonly Finding[]> {
  await using sink = await openSink(endpoint, queue);
  return await sink.check(feeds, never);
}

const reachable = { severity: 'ok', subject: 'aws', message: 'reachable, in eu-central-1' };

describe('check', () => {
  test('tells what the queue of each feed is like, with its redrive policy', async () => {
    await using server = await startFauxqs();
    const { endpoint } = server;
    await createQueue(endpoint, 'dead.fifo');
    const policy = { deadLetterTargetArn: 'arn:aws:sqs:eu-central-1:000000000000:dead.fifo', maxReceiveCount: 5 };
    await createQueue(endpoint, 'in-a.fifo', { RedrivePolicy: JSON.stringify(policy) });
    await createQueue(endpoint, 'in-b.fifo');
    expect(await check(endpoint, 'in-{feed}.fifo', ['test/a', 'test/b'])).toEqual([
      reachable,
      {
        severity: 'ok',
        subject: 'test/a',
        message:
          'queue in-a.fifo: FIFO, messages of up to 1048576 bytes, kept for 96 h, redrive to dead.fifo after 5 receives',
      },
      {
        severity: 'ok',
        subject: 'test/b',
        message: 'queue in-b.fifo: FIFO, messages of up to 1048576 bytes, kept for 96 h, no redrive policy',
      },
    ]);
  });

  test('warns of a queue that takes less than SQS does, with the command that mends it', async () => {
    await using server = await startFauxqs();
    const url = await createQueue(server.endpoint, 'older', { MaximumMessageSize: '262144' });
    const [, told, warning] = await check(server.endpoint, 'older');
    expect(told).toMatchObject({ message: expect.stringContaining('standard: no order is kept') });
    expect(warning).toMatchObject({
      severity: 'warning',
      code: 'DESTINATION_LIMIT_LOW',
      message: 'queue older has MaximumMessageSize=262144: an event over it becomes a dead letter',
      command: `aws sqs set-queue-attributes --region eu-central-1 --endpoint-url ${server.endpoint} --queue-url ${url} --attributes MaximumMessageSize=1048576`,
    });
  });

  test('finds a queue that is not of the kind that its name says', async () => {
    await using server = await startFauxqs();
    await createQueue(server.endpoint, 'plain');
    await using front = await standBefore(server.endpoint, ({ operation }) =>
      operation === 'GetQueueAttributes'
        ? { kind: 'answer', status: 200, body: { Attributes: { FifoQueue: 'true' } } }
        : undefined,
    );
    const faults = (await check(front.endpoint, 'plain')).filter(({ severity }) => severity === 'error');
    expect(faults).toMatchObject([{ subject: 'test/a', code: 'DESTINATION_UNWRITABLE' }]);
  });

  test('lets pass that it may not look at the settings', async () => {
    await using server = await startFauxqs();
    await createQueue(server.endpoint, 'hidden');
    await using front = await standBefore(server.endpoint, ({ operation }) =>
      operation === 'GetQueueAttributes' ? refusal(403, 'AccessDeniedException') : undefined,
    );
    expect(await check(front.endpoint, 'hidden')).toMatchObject([
      reachable,
      { severity: 'ok', subject: 'test/a', message: expect.stringContaining('sqs:GetQueueAttributes') },
    ]);
  });

  test('says of queues that depend on the event that they cannot be looked at, and asks nothing', async () => {
    const away = `http://127.0.0.1:${await closedPort()}`;
    expect(await check(away, 'for-{tenantid}')).toMatchObject([{ severity: 'ok', subject: 'test/a' }]);
  });

  test('names the broker once when it is away, however many feeds there are', async () => {
    const away = `http://127.0.0.1:${await closedPort()}`;
    expect(await check(away, 'in-{feed}', ['test/a', 'test/b'])).toMatchObject([
      { severity: 'error', subject: 'aws', code: 'BROKER_UNREACHABLE' },
    ]);
  });

  test('refuses a feed whose name makes no name of a queue', async () => {
    const away = `http://127.0.0.1:${await closedPort()}`;
    expect(await check(away, 'in-{feed}', ['test/a.b'])).toMatchObject([
      { severity: 'error', subject: 'test/a.b', code: 'EVENT_UNROUTABLE' },
    ]);
  });
});

const suite = await sqsSuite();

suite('check on a strict server', ({ endpoint }) => {
  test.each(['', '.fifo'])('gives the command that creates what is missing (%s)', async (end) => {
    const name = uniqueName('missing') + end;
    const findings = await check(endpoint, name);
    expect(findings).toMatchObject([reachable, { severity: 'error', subject: 'test/a', code: 'DESTINATION_MISSING' }]);
    const kind = end === '' ? '' : ' --attributes FifoQueue=true';
    expect(topologyScript(findings)).toEqual([
      `aws sqs create-queue --region eu-central-1 --endpoint-url ${endpoint} --queue-name ${name}${kind}`,
    ]);
    await createQueue(endpoint, name);
    expect((await check(endpoint, name)).filter(({ severity }) => severity === 'error')).toEqual([]);
  });

  test('finds a queue by its URL', async () => {
    const url = await createQueue(endpoint, uniqueName('url'));
    expect((await check(endpoint, url)).filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(await check(endpoint, `${url}-other`)).toMatchObject([
      reachable,
      { severity: 'error', code: 'DESTINATION_MISSING', command: expect.stringContaining('create-queue') },
    ]);
  });
});
