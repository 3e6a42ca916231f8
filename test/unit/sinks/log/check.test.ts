import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { logBroker, logDestination } from '../../../../src/sinks/log/config.ts';
import { lockFolder } from '../../../../src/sinks/log/lock.ts';
import { openLogSink } from '../../../../src/sinks/log/log-sink.ts';

let root = '';
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'feedferry-log-check-'));
});
afterEach(() => rm(root, { recursive: true }));

async function check(dir: string, topic?: string) {
  const broker = logBroker.parse({ type: 'log', dir });
  const destination = logDestination.parse({ broker: 'log', ...(topic && { topic }) });
  await using sink = openLogSink(broker, destination, { pipeline: 'p', brokerName: 'mylog', baseDir: root });
  return await sink.check(['p/a', 'p/b/c'], new AbortController().signal);
}

test('makes the folder, tries it out, and tells the free space', async () => {
  const dir = join(root, 'deep', 'events');
  const findings = await check(dir, '{pipeline}');
  expect(findings.map(({ severity }) => severity)).toEqual(['ok', 'ok']);
  expect(findings.at(-1)?.message).toMatch(/\d+ MiB free/);
  expect(await readdir(dir)).toEqual(['.lock']);
});

test('names the folder that cannot be made', async () => {
  const file = join(root, 'file');
  await writeFile(file, '');
  expect(await check(join(file, 'events'), '{type}')).toEqual([
    {
      severity: 'error',
      subject: join(file, 'events'),
      code: 'LOG_UNWRITABLE',
      message: 'cannot write the log of broker mylog: a part of the path is a file (ENOTDIR)',
      hint: undefined,
    },
  ]);
});

test('names the feed whose topic is no name for a folder', async () => {
  const faults = (await check(join(root, 'events'))).filter(({ severity }) => severity === 'error');
  expect(faults).toMatchObject([{ subject: 'p/b/c', code: 'EVENT_UNROUTABLE' }]);
});

test('warns when something else is writing to the log', async () => {
  const dir = join(root, 'events');
  await mkdir(dir);
  const unlock = lockFolder(dir);
  try {
    const warnings = (await check(dir, 'x')).filter(({ severity }) => severity === 'warning');
    expect(warnings).toMatchObject([{ subject: dir, message: expect.stringContaining('another process') }]);
  } finally {
    unlock();
  }
});
