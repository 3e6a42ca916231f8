import { execFileSync } from 'node:child_process';
import { appendFile, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createEnvelope } from '../../src/core/envelope.ts';
import type { Sink } from '../../src/core/sink.ts';
import { logBroker, logDestination } from '../../src/sinks/log/config.ts';
import { openLogSink } from '../../src/sinks/log/log-sink.ts';
import { sinkConformance } from '../conformance/sink.ts';
import { logHarness } from './log-sink/harness.ts';
import { readPlainly } from './log-sink/plain-reader.ts';
import { startVictim } from './log-sink/start-victim.ts';

sinkConformance(logHarness);

const noAbort = new AbortController().signal;

async function inScratch(run: (dir: string) => Promise<void>): Promise<void> {
  const dir = await mkdtemp(join(tmpdir(), 'feedferry-log-crash-'));
  try {
    await run(dir);
  } finally {
    await rm(dir, { recursive: true });
  }
}

function openSink(dir: string, onRepaired?: (file: string, droppedBytes: number) => void): Sink {
  const broker = logBroker.parse({ type: 'log', dir, segmentBytes: '64KiB' });
  const context = { pipeline: 'p', brokerName: 'log', baseDir: dir, onRepaired };
  return openLogSink(broker, logDestination.parse({ broker: 'log' }), context);
}

function publishOne(sink: Sink, id: string, bytes = 10) {
  const attributes = { specversion: '1.0', id, source: '/s', type: 't', partitionkey: 'k' } as const;
  const data = { kind: 'json', bytes: Buffer.from(JSON.stringify('x'.repeat(bytes))) } as const;
  const envelope = createEnvelope({ ...attributes, datacontenttype: 'application/json' }, data);
  return sink.publish([sink.route(envelope, 'p/a')], noAbort);
}

function idOf(line: Buffer): number {
  return Number((JSON.parse(line.toString()) as { id: string }).id);
}

describe('a writer that is killed -9', () => {
  test(
    '20 times at random moments: all it confirmed is there, in order, and the log goes on',
    { timeout: 120_000 },
    () =>
      inScratch(async (dir) => {
        const confirmed = new Map<string, number>();
        let next = 0;
        for (let kill = 0; kill < 20; kill += 1) {
          const victim = startVictim(dir, next);
          await victim.confirmed(1);
          const lines = await victim.killAfter(Math.random() * 60);
          for (const [topic, offset, number] of lines) {
            confirmed.set(`${topic} ${offset}`, number);
            next = Math.max(next, number + 1);
          }
          // A kill seldom tears a write: the next run has to mend this in any case.
          const segments = await readdir(join(dir, 'p.a'));
          await appendFile(join(dir, 'p.a', segments.sort().at(-1) ?? ''), '{"specversion":"1.0","id":"to');
        }
        let mended = 0;
        await using sink = openSink(dir, () => {
          mended += 1;
        });
        // Higher than what the last victim may have written without saying so.
        expect((await publishOne(sink, '999999999'))[0]?.status).toBe('confirmed');
        expect(mended).toBe(1);

        const stored = readPlainly(dir);
        const found = new Map(stored.map(({ topic, offset, bytes }) => [`${topic} ${offset}`, idOf(bytes)]));
        expect([...confirmed].filter(([place, number]) => found.get(place) !== number)).toEqual([]);
        expect(confirmed.size).toBeGreaterThanOrEqual(20);
        for (const topic of ['p.a', 'p.b']) {
          const lines = stored.filter((line) => line.topic === topic);
          expect(lines.map(({ offset }) => offset)).toEqual(lines.map((_, index) => index));
          const firstOccurrences = [...new Set(lines.map(({ bytes }) => idOf(bytes)))];
          expect(firstOccurrences).toEqual(firstOccurrences.toSorted((a, b) => a - b));
        }
      }),
  );

  test('has the log to itself while it lives, and lets go of it when it dies', () =>
    inScratch(async (dir) => {
      const victim = startVictim(dir, 0);
      await victim.confirmed(1);
      await using sink = openSink(dir);
      expect((await publishOne(sink, '0'))[0]).toMatchObject({
        status: 'failed',
        error: { code: 'LOG_UNWRITABLE', message: expect.stringContaining('another process is writing') },
      });
      await victim.killAfter(0);
      expect((await publishOne(sink, '0'))[0]?.status).toBe('confirmed');
    }));
});

/** A real file system of 1 MiB; undefined where this user may not mount one. */
function mountSmallDisk(dir: string): (() => void) | undefined {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', dir], { stdio: 'ignore' });
    return () => void execFileSync('umount', [dir]);
  } catch {
    return undefined;
  }
}

test('a disk that is full confirms nothing, leaves no half line, and takes events again when space is back', (context) =>
  inScratch(async (root) => {
    const dir = join(root, 'disk');
    await mkdir(dir);
    const unmount = mountSmallDisk(dir);
    if (unmount === undefined) {
      context.task.meta.mayBeSkipped = 'this user may not mount a disk; the unit tests plant full ones';
      return context.skip(context.task.meta.mayBeSkipped);
    }
    try {
      await using sink = openSink(dir);
      expect((await publishOne(sink, '0'))[0]?.status).toBe('confirmed');
      await writeFile(join(dir, 'ballast'), Buffer.alloc(900 * 1024));
      for (let attempt = 0; attempt < 5; attempt += 1) {
        expect((await publishOne(sink, '1', 300_000))[0]).toMatchObject({
          status: 'failed',
          error: { code: 'LOG_UNWRITABLE', disposition: 'retryable', message: expect.stringContaining('ENOSPC') },
        });
      }
      expect(readPlainly(dir).map(({ bytes }) => idOf(bytes))).toEqual([0]);
      await rm(join(dir, 'ballast'));
      expect((await publishOne(sink, '1', 300_000))[0]).toEqual({
        status: 'confirmed',
        receipt: { topic: 'p.a', offset: 1 },
      });
      expect(readPlainly(dir).map(({ bytes }) => idOf(bytes))).toEqual([0, 1]);
    } finally {
      unmount();
    }
  }));
