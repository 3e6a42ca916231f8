import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { connect } from 'amqplib';
import { expect, it } from 'vitest';
import { createAccount } from '../support/rabbitmq/accounts.ts';
import { ownRabbitmqSuite } from '../support/rabbitmq/acquire.ts';
import { bindQueue, declareExchange, drainQueue, manage, uniqueName } from '../support/rabbitmq/management.ts';
import { event, openSink, publish, routed, summary } from '../support/rabbitmq/sink-calls.ts';

const suite = await ownRabbitmqSuite();
const never = new AbortController().signal;

suite('what has to be there at RabbitMQ', (rabbitmq) => {
  const open = (topology: object, broker: object = {}) =>
    openSink(rabbitmq.url, { to: { topology }, broker: { confirmTimeout: '10s', ...broker } });
  const look = (path: string) => manage(rabbitmq, 'GET', path).catch(() => 'missing');

  it('declared, it is created before the first event, and may be there already', async () => {
    const exchange = uniqueName('declared');
    const topology = { mode: 'declare', queue: '{subject}-{feed}' };
    for (const _ of ['the first time', 'when it is there']) {
      await using sink = await open(topology);
      expect(summary(await publish(sink, routed(sink, [event(exchange), event(exchange)])))).toEqual([
        'confirmed',
        'confirmed',
      ]);
    }
    expect(await look(`exchanges/%2F/${exchange}`)).toMatchObject({ type: 'topic', durable: true });
    expect(await look(`queues/%2F/${exchange}-feed`)).toMatchObject({ type: 'quorum', durable: true });
    expect(await drainQueue(rabbitmq, `${exchange}-feed`)).toHaveLength(4);
  });

  it.each([
    ['direct', { bindingKey: '{type}', queueType: 'classic' }, 'classic'],
    ['fanout', {}, 'quorum'],
    ['topic', { bindingKey: '*' }, 'quorum'],
  ])('a %s exchange is bound by what it goes by', async (type, settings, queueType) => {
    const exchange = uniqueName('declared');
    await using sink = await open({ mode: 'declare', type, queue: '{subject}', ...settings });
    expect(summary(await publish(sink, routed(sink, [event(exchange)])))).toEqual(['confirmed']);
    expect(await look(`exchanges/%2F/${exchange}`)).toMatchObject({ type });
    expect(await look(`queues/%2F/${exchange}`)).toMatchObject({ type: queueType });
  });

  it('what is there in another way halts the feed, is named, and harms no other exchange', async () => {
    const [fanout, queue, good] = [uniqueName('fanout'), uniqueName('queue'), uniqueName('good')];
    await declareExchange(rabbitmq, fanout, 'fanout');
    await declareExchange(rabbitmq, queue);
    await bindQueue(rabbitmq, queue, queue);
    await using sink = await open({ mode: 'declare', queue: '{subject}' });
    const deliveries = await publish(sink, routed(sink, [event(good), event(fanout), event(queue), event(good)]));
    expect(summary(deliveries)).toEqual([
      'confirmed',
      'failed DESTINATION_MISMATCH',
      'failed DESTINATION_MISMATCH',
      'confirmed',
    ]);
    expect(deliveries.slice(1, 3)).toMatchObject([
      { error: { disposition: 'fatal', message: expect.stringContaining(`exchange ${fanout}`) } },
      { error: { disposition: 'fatal', message: expect.stringContaining(`queue ${queue}`) } },
    ]);
  });

  it('an account that may not create is told so', async () => {
    const exchange = uniqueName('denied');
    const account = await createAccount(rabbitmq, { configure: '^$' });
    await using sink = await open({ mode: 'declare', queue: '{subject}' }, account);
    expect(await publish(sink, routed(sink, [event(exchange)]))).toMatchObject([
      { status: 'failed', error: { code: 'BROKER_NOT_AUTHORISED', hint: expect.stringContaining('configure') } },
    ]);
    expect(await look(`exchanges/%2F/${exchange}`)).toBe('missing');
  });

  it('verified, a missing queue is named and harms no other exchange, and is found once it is there', async () => {
    const [missing, good] = [uniqueName('missing'), uniqueName('good')];
    await declareExchange(rabbitmq, missing);
    await declareExchange(rabbitmq, good);
    await bindQueue(rabbitmq, good, good);
    await using sink = await open({ mode: 'verify', queue: '{subject}' });
    const items = routed(sink, [event(good), event(missing), event(good)]);
    const deliveries = await publish(sink, items);
    expect(summary(deliveries)).toEqual(['confirmed', 'failed DESTINATION_MISSING', 'confirmed']);
    expect(deliveries[1]).toMatchObject({ error: { message: expect.stringContaining(`queue ${missing}`) } });
    expect(await look(`queues/%2F/${missing}`)).toBe('missing');
    await bindQueue(rabbitmq, missing, missing);
    expect(summary(await publish(sink, items.slice(1, 2)))).toEqual(['confirmed']);
  });

  it('a queue that another connection has for itself is named', async () => {
    const exchange = uniqueName('locked');
    await declareExchange(rabbitmq, exchange);
    const other = await connect(rabbitmq.url);
    try {
      await (await other.createChannel()).assertQueue(exchange, { exclusive: true });
      await using sink = await open({ mode: 'verify', queue: '{subject}' });
      expect(await publish(sink, routed(sink, [event(exchange)]))).toMatchObject([
        { status: 'failed', error: { code: 'DESTINATION_MISMATCH', message: expect.stringContaining('exclusive') } },
      ]);
    } finally {
      await other.close();
    }
  });

  it.each(['verify', 'declare'])(
    '%s: a queue deleted in mid-run halts the feed rather than losing events',
    async (mode) => {
      const exchange = uniqueName('deleted');
      await declareExchange(rabbitmq, exchange);
      await bindQueue(rabbitmq, exchange, exchange, { settings: { 'x-queue-type': 'quorum' } });
      await using sink = await open({ mode, queue: '{subject}' });
      const items = routed(sink, [event(exchange)]);
      expect(summary(await publish(sink, items))).toEqual(['confirmed']);
      await manage(rabbitmq, 'DELETE', `queues/%2F/${exchange}`);
      expect(summary(await publish(sink, items))).toEqual(['failed DESTINATION_UNBOUND']);
      // When the feed is probed.
      expect(summary(await publish(sink, items))).toEqual([
        mode === 'declare' ? 'confirmed' : 'failed DESTINATION_MISSING',
      ]);
    },
  );

  it('check creates nothing, says what would be created, and prints the commands', async () => {
    const exchange = uniqueName('planned');
    const topology = { mode: 'declare', queue: `${exchange}-q` };
    await using sink = await openSink(rabbitmq.url, { to: { exchange, topology } });
    const found = await sink.check(['test/feed'], never);
    expect(found.filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(found.filter(({ severity }) => severity === 'warning')).toMatchObject([
      {
        severity: 'warning',
        command: expect.stringMatching(`declare exchange name=${exchange} type=topic durable=true$`),
      },
      {
        severity: 'warning',
        command: expect.stringMatching(
          /declare queue name=\S+-q durable=true 'arguments=\{"x-queue-type":"quorum"\}'$/,
        ),
      },
      {
        severity: 'warning',
        command: expect.stringMatching(/declare binding source=\S+ destination=\S+-q 'routing_key=#'$/),
      },
    ]);
    expect(await look(`exchanges/%2F/${exchange}`)).toBe('missing');
    expect(await look(`queues/%2F/${exchange}-q`)).toBe('missing');
  });

  it('the commands, run in a shell, create what the bridge would', async () => {
    const [exchange, queue] = [`${uniqueName('planned')} $HOME's`, uniqueName('queue')];
    const { management, username, password } = rabbitmq;
    const to = { exchange, topology: { mode: 'verify', queue } };
    await using sink = await openSink(rabbitmq.url, { broker: { username, password, management }, to });
    const commands = (await sink.check(['test/feed'], never)).flatMap((found) =>
      found.severity === 'ok' || found.command === undefined ? [] : [found.command],
    );
    const dir = await mkdtemp(join(tmpdir(), 'feedferry-rabbitmqadmin-'));
    try {
      const tool = await fetch(`${management}/cli/rabbitmqadmin`, { signal: AbortSignal.timeout(20_000) });
      await writeFile(join(dir, 'rabbitmqadmin'), await tool.text(), { mode: 0o700 });
      const env = { PATH: `${dir}:${process.env['PATH']}`, RABBITMQ_PASSWORD: password };
      await promisify(execFile)('sh', ['-ec', commands.join('\n')], { env });
    } finally {
      await rm(dir, { recursive: true });
    }
    expect((await sink.check(['test/feed'], never)).filter(({ severity }) => severity === 'error')).toEqual([]);
    await using declaring = await openSink(rabbitmq.url, { to: { ...to, topology: { mode: 'declare', queue } } });
    expect(summary(await publish(declaring, routed(declaring, [event('any')])))).toEqual(['confirmed']);
  });

  it('check tells beforehand that the account may not create', async () => {
    const exchange = uniqueName('planned');
    const account = await createAccount(rabbitmq, { configure: '^$' });
    const topology = { mode: 'declare', queue: `${exchange}-q` };
    await using sink = await openSink(rabbitmq.url, { broker: account, to: { exchange, topology } });
    const found = await sink.check(['test/feed'], never);
    expect(found.filter(({ severity }) => severity === 'error')).toMatchObject([
      { code: 'BROKER_NOT_AUTHORISED', message: expect.stringContaining(`create exchange ${exchange}`) },
      { code: 'BROKER_NOT_AUTHORISED', message: expect.stringContaining(`create queue ${exchange}-q`) },
    ]);
    expect(await look(`exchanges/%2F/${exchange}`)).toBe('missing');
  });

  it('check with verify reports what is missing as errors', async () => {
    const exchange = uniqueName('planned');
    const topology = { mode: 'verify', queue: `${exchange}-q` };
    await declareExchange(rabbitmq, exchange);
    await using sink = await openSink(rabbitmq.url, { to: { exchange, topology } });
    const found = await sink.check(['test/feed'], never);
    expect(found.filter(({ severity }) => severity === 'error')).toMatchObject([
      { code: 'DESTINATION_MISSING', message: expect.stringContaining(`queue ${exchange}-q`) },
      { code: 'DESTINATION_MISSING', message: expect.stringContaining('not bound') },
    ]);
  });
});
