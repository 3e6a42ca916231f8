import { describe, expect, it } from 'vitest';
import { sinkTypes } from '../../../src/sinks/index.ts';
import { readLog } from '../../../src/sinks/log/read-log.ts';
import { closedPort } from '../../support/closed-port.ts';
import { startConfigured } from '../../support/configured-daemon.ts';
import { post } from '../../support/hooks/listener.ts';
import { createWorkplace } from '../../support/workplace.ts';

const feed = 'hooked/events';

interface Settings {
  readonly path?: string;
  readonly topic?: string;
  readonly within?: string;
  /** Of a Kafka broker that is not there, in place of the log. */
  readonly away?: number;
  /** Flow YAML, of the pipeline. */
  readonly more?: string;
}

function configuration({ path = '/hooks/sample', topic = 'hooked', within = '8s', away, more = '' }: Settings): string {
  const broker =
    away === undefined ? '{ type: log, dir: events }' : `{ type: kafka, bootstrap: ["127.0.0.1:${away}"] }`;
  return `version: 1
state: { dir: state }
listen: { hooks: "127.0.0.1:0", health: "127.0.0.1:0", admin: "127.0.0.1:0" }
brokers:
  local: ${broker}
pipelines:
  hooked:
    from:
      connector: webhook
      account: acme
      path: ${path}
      verify: none
      answer: { within: ${within} }
      event: { id: /body/id, type: '"com.example.sample"', partitionkey: /body/id }
    to: { broker: local, topic: ${topic} }
    ${more}
`;
}

async function open(settings: Settings = {}) {
  await using resources = new AsyncDisposableStack();
  const workplace = resources.use(await createWorkplace());
  let present = settings;
  const started = await startConfigured(
    {
      file: `${workplace.path}/feedferry.yaml`,
      text: configuration(settings),
      present: () => configuration(present),
      timing: { drainMs: 2_000 },
      sinkTypes,
    },
    resources,
  );
  const opened = started.recorder.of('listener.opened').find(({ listener }) => listener === 'hooks');
  const send = (id: string, path = '/hooks/sample') => post(`http://${opened?.address}${path}`, JSON.stringify({ id }));
  const statusOf = async (id: string, path?: string) => (await send(id, path)).status;
  const owned = resources.move();
  return {
    ...started,
    send,
    statusOf,
    async reload(next: Settings) {
      present = next;
      return await started.operations.reload();
    },
    async published(topic = 'hooked') {
      const lines = await Array.fromAsync(readLog(`${workplace.path}/events`, topic));
      return lines.map(({ line }) => (JSON.parse(line) as { id: string }).id);
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

describe('a bridge for webhooks', () => {
  it('answers 503 and Retry-After while its feed is paused, and takes everything again afterwards', async () => {
    await using bridge = await open();
    await expect.poll(() => bridge.statusOf('1')).toBe(200);
    await bridge.operations.pause(feed, 'a test');
    const refused = await bridge.send('2');
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '5']);
    await bridge.operations.resume(feed, 'a test');
    await expect.poll(() => bridge.statusOf('3')).toBe(200);
    expect(await bridge.published()).toEqual(['1', '3']);
  });

  it('answers 503 at the deadline when the broker is not there, and 200 from the spool all the same', async () => {
    const away = await closedPort();
    await using direct = await open({ away, within: '1s' });
    await direct.recorder.seen('feed.started');
    const began = performance.now();
    expect(await direct.statusOf('1')).toBe(503);
    expect(performance.now() - began).toBeLessThan(3_000);
    await using spooled = await open({ away, more: 'ack: spool' });
    await expect.poll(() => spooled.statusOf('1'), { timeout: 10_000 }).toBe(200);
    expect(await spooled.statusOf('2')).toBe(200);
    expect((await spooled.operations.spool()).feeds).toMatchObject([{ feed, records: 2 }]);
  });

  it('moves to another path with a reload: the old one is answered 503, and never 404 at once', async () => {
    await using bridge = await open();
    await expect.poll(() => bridge.statusOf('1')).toBe(200);
    expect(await bridge.reload({ path: '/hooks/other' })).toMatchObject({ outcome: 'applied' });
    await expect.poll(() => bridge.statusOf('2', '/hooks/other')).toBe(200);
    expect(await bridge.statusOf('3')).toBe(503);
    expect(await bridge.published()).toEqual(['1', '2']);
  });

  it('says nothing but 200 and 503 while a reload replaces its pipeline, and loses nothing', async () => {
    await using bridge = await open();
    await expect.poll(() => bridge.statusOf('first')).toBe(200);
    const accepted: string[] = [];
    const others = new Set<number>();
    let sending = true;
    let number = 0;
    const senders = Array.from({ length: 10 }, async () => {
      while (sending) {
        const id = `e${number++}`;
        const status = await bridge.statusOf(id);
        if (status === 200) accepted.push(id);
        else others.add(status);
      }
    });
    for (const topic of ['one', 'two', 'hooked'])
      expect(await bridge.reload({ topic })).toMatchObject({ outcome: 'applied' });
    sending = false;
    await Promise.all(senders);
    const there = new Set((await Promise.all(['one', 'two', 'hooked'].map(bridge.published))).flat());
    expect(accepted.filter((id) => !there.has(id))).toEqual([]);
    expect(accepted.length).toBeGreaterThan(0);
    expect([...others].filter((status) => status !== 503)).toEqual([]);
  });

  it('finishes what it has taken when it is stopped, and takes no more', async () => {
    await using bridge = await open();
    await expect.poll(() => bridge.statusOf('first')).toBe(200);
    const sent = Array.from({ length: 50 }, (_, at) => bridge.statusOf(`e${at}`).catch(() => 0));
    await bridge.recorder.seen('batch.fetched', 2);
    expect(await bridge.daemon.drain('test')).toEqual({ drained: true });
    const statuses = await Promise.all(sent);
    const published = new Set(await bridge.published());
    statuses.forEach((status, at) => {
      expect([0, 200, 503]).toContain(status);
      if (status === 200) expect(published).toContain(`e${at}`);
    });
    await expect(bridge.statusOf('later')).rejects.toThrow();
  });

  it('keeps receipts only where it is told to', async () => {
    await using silent = await open();
    await expect.poll(() => silent.statusOf('1')).toBe(200);
    expect(await silent.operations.trace('1', 10)).toEqual([]);
    await using told = await open({ more: 'archive: true' });
    await expect.poll(() => told.statusOf('1')).toBe(200);
    await expect.poll(async () => (await told.operations.trace('1', 10)).length).toBe(1);
  });
});
