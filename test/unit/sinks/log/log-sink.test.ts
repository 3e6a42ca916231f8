import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createEnvelope, type Envelope } from '../../../../src/core/envelope.ts';
import type { SinkContext } from '../../../../src/core/sink-type.ts';
import { logBroker, logDestination } from '../../../../src/sinks/log/config.ts';
import { logSinkType } from '../../../../src/sinks/log/index.ts';
import { openLogSink } from '../../../../src/sinks/log/log-sink.ts';
import { readLog } from '../../../../src/sinks/log/read-log.ts';
import { type OpenFile, openFile } from '../../../../src/sinks/log/segment.ts';
import { faultyFiles } from './support.ts';

let root = '';
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'feedferry-log-sink-'));
});
afterEach(() => rm(root, { recursive: true }));

const noAbort = new AbortController().signal;

function envelope(id: string, extra: Record<string, string> = {}): Envelope {
  const attributes = { specversion: '1.0', id, source: '/s', type: 't', partitionkey: 'k' } as const;
  return createEnvelope(
    { ...attributes, datacontenttype: 'application/json', ...extra },
    { kind: 'json', bytes: Buffer.from('{}') },
  );
}

function open(options: { topic?: string; pipeline?: string; openFile?: OpenFile; confirmMs?: number } = {}) {
  const broker = logBroker.parse({ type: 'log', dir: join(root, 'events') });
  const destination = logDestination.parse({ broker: 'log', ...(options.topic && { topic: options.topic }) });
  const context: SinkContext = { pipeline: options.pipeline ?? 'p', brokerName: 'log', baseDir: root };
  return openLogSink(broker, destination, context, {
    openFile: options.openFile ?? openFile,
    now: Date.now,
    confirmMs: options.confirmMs ?? 10_000,
  });
}

async function stored(): Promise<readonly string[]> {
  const lines = await Array.fromAsync(readLog(join(root, 'events')));
  return lines.map(({ topic, offset, line }) => `${topic}/${offset} ${(JSON.parse(line) as { id: string }).id}`);
}

/** Files whose syncs wait until they are let go. */
function slowDisk() {
  const { promise, resolve } = Promise.withResolvers<void>();
  let syncing = () => {};
  const begun = new Promise<void>((done) => {
    syncing = done;
  });
  const open: OpenFile = async (path, flags) => {
    const file = await faultyFiles(() => {})(path, flags);
    return {
      ...file,
      async datasync() {
        syncing();
        await promise;
        await file.datasync();
      },
    };
  };
  return { open, begun, letGo: resolve };
}

test('the topic is pipeline and feed by default, and every receipt says where the event is', async () => {
  await using sink = open();
  const items = [sink.route(envelope('1'), 'p/a'), sink.route(envelope('2'), 'p/b'), sink.route(envelope('3'), 'p/a')];
  expect(await sink.publish(items, noAbort)).toEqual([
    { status: 'confirmed', receipt: { topic: 'p.a', offset: 0 } },
    { status: 'confirmed', receipt: { topic: 'p.b', offset: 0 } },
    { status: 'confirmed', receipt: { topic: 'p.a', offset: 1 } },
  ]);
  expect(await stored()).toEqual(['p.a/0 1', 'p.a/1 3', 'p.b/0 2']);
});

test('an attribute that is no name for a folder makes the event unroutable', () => {
  const sink = open({ topic: '{subject}' });
  expect(() => sink.route(envelope('1', { subject: '../x' }), 'p/a')).toThrow(
    expect.objectContaining({ code: 'EVENT_UNROUTABLE' }),
  );
  expect(() => sink.route(envelope('1'), 'p/a')).toThrow(expect.objectContaining({ code: 'EVENT_UNROUTABLE' }));
});

test('opening touches nothing', async () => {
  const context = { pipeline: 'p', brokerName: 'log', baseDir: root };
  const broker = logSinkType.broker.parse({ type: 'log', dir: './events' });
  await using _ = await logSinkType.open(broker, logSinkType.destination.parse({ broker: 'log' }), context);
  expect(await readdir(root)).toEqual([]);
});

test('two pipelines may write to one topic of one log', async () => {
  await using first = open({ topic: 'shared', pipeline: 'p' });
  await using second = open({ topic: 'shared', pipeline: 'q' });
  const publish = async (sink: typeof first, id: string) => sink.publish([sink.route(envelope(id), 'p/a')], noAbort);
  await Promise.all([publish(first, '1'), publish(second, '2'), publish(first, '3'), publish(second, '4')]);
  expect(await stored()).toEqual(['shared/0 1', 'shared/1 2', 'shared/2 3', 'shared/3 4']);
  await first[Symbol.asyncDispose]();
  expect((await publish(second, '5'))[0]?.status).toBe('confirmed');
  expect((await publish(first, '6'))[0]).toMatchObject({ status: 'failed', error: { code: 'STOPPING' } });
});

test('a log can be opened again while the last user is still closing it', async () => {
  const disk = slowDisk();
  const before = open({ openFile: disk.open });
  const publishing = before.publish([before.route(envelope('1'), 'p/a')], noAbort);
  await disk.begun;
  const closing = before[Symbol.asyncDispose]();
  await using after = open();
  const next = after.publish([after.route(envelope('2'), 'p/a')], noAbort);
  disk.letGo();
  await closing;
  expect((await publishing)[0]?.status).toBe('confirmed');
  expect((await next)[0]).toEqual({ status: 'confirmed', receipt: { topic: 'p.a', offset: 1 } });
});

test('a check that outlives its sink does not keep the log locked', async () => {
  const sink = open();
  const checking = sink.check(['p/a'], noAbort);
  await sink[Symbol.asyncDispose]();
  await checking;
  await using next = open();
  expect((await next.publish([next.route(envelope('1'), 'p/a')], noAbort))[0]?.status).toBe('confirmed');
});

test('a disk that hangs ends in time: what is being written is unknown, what waits has failed', async () => {
  const disk = slowDisk();
  await using sink = open({ openFile: disk.open, confirmMs: 50 });
  const publish = async (id: string) => sink.publish([sink.route(envelope(id), 'p/a')], noAbort);
  const first = publish('1');
  await disk.begun;
  const second = publish('2');
  expect(await first).toMatchObject([{ status: 'unknown', error: { code: 'BROKER_TIMEOUT' } }]);
  expect(await second).toMatchObject([{ status: 'failed', error: { code: 'BROKER_TIMEOUT' } }]);
  disk.letGo();
  await sink[Symbol.asyncDispose]();
  expect(await stored()).toEqual(['p.a/0 1']);
});

test('an abort ends a publish at once', async () => {
  const disk = slowDisk();
  await using sink = open({ openFile: disk.open });
  const controller = new AbortController();
  const publishing = sink.publish([sink.route(envelope('1'), 'p/a')], controller.signal);
  await disk.begun;
  controller.abort();
  expect(await publishing).toMatchObject([{ status: 'unknown', error: { code: 'STOPPING' } }]);
  disk.letGo();
});

test('many topics need few open files, and none loses an event', async () => {
  let files = 0;
  let most = 0;
  const counting: OpenFile = async (path, flags) => {
    const file = await faultyFiles(() => {})(path, flags);
    files += 1;
    most = Math.max(most, files);
    return {
      ...file,
      close: () => {
        files -= 1;
        return file.close();
      },
    };
  };
  const sink = open({ topic: '{subject}', openFile: counting });
  for (const round of ['1', '2']) {
    for (let topic = 0; topic < 300; topic += 1) {
      await sink.publish([sink.route(envelope(round, { subject: `t${topic}` }), 'p/a')], noAbort);
    }
  }
  await sink[Symbol.asyncDispose]();
  expect(most).toBeLessThan(260);
  expect(files).toBe(0);
  expect(new Set(await stored()).size).toBe(600);
});
