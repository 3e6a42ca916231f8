import { readFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createEventMaker } from '../../../connectors/fenergo/simulator/events.ts';
import { defaultTenant } from '../../../connectors/fenergo/simulator/options.ts';
import { openState } from '../../../src/state/open.ts';
import { sampleLetter } from '../../conformance/state/samples.ts';
import { type CommandFolder, openCommandFolder } from '../../support/cli/command-folder.ts';
import { type HostOptions, runHere } from './support.ts';

const maker = createEventMaker('journey', 7, defaultTenant);
const good = Uint8Array.from(Buffer.from(maker.render(1, { at: Date.parse('2026-11-22T08:00:00Z'), eventBytes: 0 })));
const bad = Uint8Array.from(Buffer.from('{"eventType":"x"}'));

let folder: CommandFolder;
beforeEach(async () => {
  folder = await openCommandFolder();
  const { record } = sampleLetter();
  await withState(({ deadLetters }) =>
    deadLetters.add([
      sampleLetter({ id: 'letter-a', code: 'EVENT_TOO_LARGE', stage: 'publish', record: { ...record, bytes: good } }),
      sampleLetter({ id: 'letter-b', record: { ...record, bytes: bad } }),
      sampleLetter({ id: 'letter-c', status: 'parked', stage: 'parked', partitionKey: 'k', destination: 'd' }),
    ]),
  );
});
afterEach(() => folder[Symbol.asyncDispose]());

const run = (args: readonly string[], options?: HostOptions) =>
  runHere(['dead-letters', ...args, '-c', folder.file], options);

async function withState<T>(work: (state: Awaited<ReturnType<typeof openState>>) => Promise<T>): Promise<T> {
  await using state = await openState({ dir: folder.path('state'), mode: 'exclusive' });
  return await work(state);
}

const statusOf = async (id: string) => withState(async (state) => (await state.deadLetters.get(id))?.status);

describe('dead-letters redrive', () => {
  it('redrives what is chosen, says what became of each, and fails when one is refused again', async () => {
    const { code, stdout, stderr } = await run(['redrive', '--all', '--out-of-order']);
    expect(stdout).toMatch(/^letter-a {2}redriven: /m);
    expect(stdout).toMatch(/^letter-b {2}refused again, and stays open: {1,2}RECORD_/m);
    expect(stdout).not.toContain('letter-c');
    expect(stderr).toContain('1 redriven; 1 refused again');
    expect(code).toBe(1);
    expect([await statusOf('letter-a'), await statusOf('letter-b')]).toEqual(['redriven', 'open']);

    const again = await run(['redrive', 'letter-a', '--out-of-order']);
    expect(again).toMatchObject({ code: 0, stdout: expect.stringContaining('nothing was done') });
    expect((await run(['show', 'letter-a'])).stdout).toMatch(/^status +redriven\n[\s\S]*^closed [\s\S]*^because /m);
  });

  it('says why it wants --out-of-order, and where parked keys are released', async () => {
    const unordered = await run(['redrive', 'letter-a']);
    expect(unordered).toMatchObject({ code: 2, stderr: expect.stringContaining('--out-of-order') });
    const parked = await run(['redrive', 'letter-c', '--out-of-order']);
    expect(parked).toMatchObject({ code: 2, stderr: expect.stringContaining('parked release fenergo/journey "k"') });
  });

  it('goes on with the others when one cannot be tried', async () => {
    const { code, stdout, stderr } = await run(['redrive', 'letter-c', 'letter-a', '--out-of-order']);
    expect(code).toBe(1);
    expect(stdout).toContain('letter-a  redriven');
    expect(stderr).toContain('1 not tried; 1 redriven');
  });

  it.each([{ args: ['redrive'] }, { args: ['redrive', 'letter-a', '--all'] }])(
    'does not guess: $args',
    async ({ args }) => {
      expect(await run(args)).toMatchObject({ code: 2, stdout: '' });
      expect(await statusOf('letter-a')).toBe('open');
    },
  );

  it('only looks with --dry-run', async () => {
    const { stdout } = await run(['redrive', '--code', 'EVENT_TOO_LARGE', '--out-of-order', '--dry-run']);
    expect(stdout).toBe('letter-a  would be published\n');
    expect(await statusOf('letter-a')).toBe('open');
  });
});

describe('dead-letters discard', () => {
  it('asks first, and then closes them with the reason', async () => {
    const args = ['discard', 'letter-a', 'letter-b', '--reason', 'test records'];
    expect(await run(args)).toMatchObject({ code: 2, stderr: expect.stringContaining('--yes') });
    expect(await run(args, { terminal: true, typed: 'no\n' })).toMatchObject({ code: 1 });
    expect(await statusOf('letter-a')).toBe('open');
    expect(await run(args, { terminal: true, typed: 'yes\n' })).toMatchObject({ code: 0, stdout: '2 discarded\n' });
    expect(await run([...args, '--yes'])).toMatchObject({ stdout: '0 discarded; 2 had been closed before\n' });
    const list = await run(['list', '--status', 'discarded', '--json']);
    expect(JSON.parse(list.stdout)).toMatchObject([
      { id: 'letter-a', closedReason: 'test records' },
      { id: 'letter-b', closedReason: 'test records' },
    ]);
    expect((await run(['list'])).stdout).not.toContain('letter-a');
  });
});

describe('dead-letters export', () => {
  it('writes all that is kept, a line each, with bytes in base64', async () => {
    const out = folder.path('letters.ndjson');
    expect(await run(['export', '--status', 'any', '--out', out])).toMatchObject({ code: 0 });
    const lines = (await readFile(out, 'utf8')).trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line).id)).toEqual(['letter-a', 'letter-b', 'letter-c']);
    const [first] = lines.map((line) => JSON.parse(line));
    expect(Buffer.from(first.record.bytes, 'base64').equals(good)).toBe(true);
    expect(await run(['export', '--out', out])).toMatchObject({ code: 2, stderr: expect.stringContaining('EEXIST') });
  });

  it('writes more than a page of them, each once', async () => {
    await withState(({ deadLetters }) =>
      deadLetters.add(Array.from({ length: 57 }, (_, at) => sampleLetter({ id: `more-${at}` }))),
    );
    const { stdout } = await run(['export']);
    const ids = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).id);
    expect([ids.length, new Set(ids).size]).toEqual([60, 60]);
  });

  it('writes the original bytes alone', async () => {
    const { bytes } = await run(['export', '--code', 'EVENT_TOO_LARGE', '--format', 'raw']);
    expect(bytes.equals(Buffer.concat([good, Buffer.from('\n')]))).toBe(true);
  });
});
