import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { logBroker, logDestination } from '../../../src/sinks/log/config.ts';
import { openLogSink } from '../../../src/sinks/log/log-sink.ts';
import { type OpenFile, openFile } from '../../../src/sinks/log/segment.ts';
import type { SinkHarness, StoredEvent } from '../../conformance/sink/harness.ts';
import { type PlainLine, readPlainly } from './plain-reader.ts';

function toStored({ topic, offset, bytes }: PlainLine): StoredEvent {
  const event = JSON.parse(bytes.toString()) as Record<string, string>;
  const member = ',"data":';
  const data =
    event['data_base64'] === undefined
      ? bytes.subarray(bytes.indexOf(member) + member.length, -1)
      : Buffer.from(event['data_base64'], 'base64');
  return {
    id: event['id'] ?? '',
    partitionkey: event['partitionkey'] ?? '',
    bytes,
    data,
    receipt: { topic, offset },
  };
}

/** A disk that fills up in the middle of each write while `full` says so. */
function fillableDisk(full: () => boolean): OpenFile {
  return async (path, flags) => {
    const file = await openFile(path, flags);
    return {
      fd: file.fd,
      async write(bytes, from, length, position) {
        if (!full()) return file.write(bytes, from, length, position);
        await file.write(bytes, from, length >> 1, position);
        throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
      },
      datasync: () => file.datasync(),
      sync: () => file.sync(),
      truncate: (size) => file.truncate(size),
      close: () => file.close(),
    };
  };
}

export const logHarness: SinkHarness = {
  name: 'the log',
  async open() {
    const root = await mkdtemp(join(tmpdir(), 'feedferry-log-'));
    const broker = logBroker.parse({ type: 'log', dir: join(root, 'events'), segmentBytes: '256KiB' });
    const destination = logDestination.parse({ broker: 'log' });
    const context = { pipeline: 'conformance', brokerName: 'log', baseDir: root };
    const obstacle = join(root, 'a-file');
    await writeFile(obstacle, '');
    let full = false;
    const confirmMs = 5_000;
    const sink = openLogSink(broker, destination, context, {
      openFile: fillableDisk(() => full),
      now: Date.now,
      confirmMs,
    });
    return {
      sink,
      feeds: ['conformance/a', 'conformance/b', 'conformance/c'],
      deadlineMs: confirmMs,
      read: async () => (existsSync(broker.dir) ? readPlainly(broker.dir).map(toStored) : []),
      outage: {
        begin: async () => {
          full = true;
        },
        end: async () => {
          full = false;
        },
      },
      crash: { unsupported: 'the log has no process of its own: kill -9 of the writer is tested below' },
      oversize: { unsupported: 'the log takes events of any size' },
      missing: {
        name: obstacle,
        open: async () => openLogSink({ ...broker, dir: join(obstacle, 'events') }, destination, context),
      },
      ordered: true,
      async [Symbol.asyncDispose]() {
        await sink[Symbol.asyncDispose]();
        await rm(root, { recursive: true });
      },
    };
  },
};
