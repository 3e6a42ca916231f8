import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LogSettings } from '../../../../src/sinks/log/config.ts';
import { readLog } from '../../../../src/sinks/log/read-log.ts';
import { type OpenFile, openFile, type SegmentFile } from '../../../../src/sinks/log/segment.ts';
import { createTopicLog, type TopicContext, type TopicLog } from '../../../../src/sinks/log/topic-log.ts';

export const settings: LogSettings = { segmentBytes: 1e9, segmentAge: 1e12, retainBytes: 1e12, retainAge: 1e12 };

export interface Scratch extends AsyncDisposable {
  readonly dir: string;
  /** Folder of the topic `t`. */
  readonly folder: string;
  open(changes?: Partial<TopicContext>): TopicLog;
  /** `offset line` of all that a reader finds. */
  read(): Promise<readonly string[]>;
  readonly repaired: (readonly [file: string, droppedBytes: number])[];
}

export async function scratch(): Promise<Scratch> {
  const dir = await mkdtemp(join(tmpdir(), 'feedferry-topic-'));
  const folder = join(dir, 't');
  const repaired: [string, number][] = [];
  return {
    dir,
    folder,
    repaired,
    open: (changes = {}) =>
      createTopicLog({
        folder,
        settings: () => settings,
        ready: async () => {},
        onRepaired: (file, droppedBytes) => repaired.push([file, droppedBytes]),
        openFile,
        now: Date.now,
        ...changes,
      }),
    async read() {
      return (await Array.fromAsync(readLog(dir))).map(({ offset, line }) => `${offset} ${line}`);
    },
    [Symbol.asyncDispose]: () => rm(dir, { recursive: true }),
  };
}

/** Appends the lines in one call; gives its first offset, or the status of the failure. */
export async function append(log: TopicLog, ...lines: readonly string[]): Promise<number | 'failed' | 'unknown'> {
  const outcome = await log.append(lines.map((line) => Buffer.from(line))).outcome;
  return outcome.status === 'written' ? outcome.firstOffset : outcome.status;
}

/** Files whose operations can be made to fail: a fault throws, or does nothing. */
export function faultyFiles(fault: (operation: keyof SegmentFile | 'open') => void): OpenFile {
  return async (path, flags) => {
    fault('open');
    const file = await openFile(path, flags);
    return {
      fd: file.fd,
      async write(bytes, from, length, position) {
        const half = Math.ceil(length / 2);
        const first = await file.write(bytes, from, half, position);
        fault('write');
        return first;
      },
      async datasync() {
        await file.datasync();
        fault('datasync');
      },
      async sync() {
        await file.sync();
        fault('sync');
      },
      async truncate(size) {
        fault('truncate');
        await file.truncate(size);
      },
      close: () => file.close(),
    };
  };
}

export function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: planted`), { code });
}
