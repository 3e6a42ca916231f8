import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createEventMaker } from '../../../connectors/fenergo/simulator/events.ts';
import { defaultTenant } from '../../../connectors/fenergo/simulator/options.ts';
import type { DeadLetter } from '../../../src/core/dead-letter.ts';
import { createOperations } from '../../../src/operations/create.ts';
import { readLog } from '../../../src/sinks/log/read-log.ts';
import { later, sampleLetter } from '../../conformance/state/samples.ts';
import { feed, type Laboratory, openLaboratory } from './support.ts';

const maker = createEventMaker('journey', 7, defaultTenant);
const at = Date.parse('2026-11-22T08:00:00Z');
const bytesOf = (sequence: number) => Buffer.from(maker.render(sequence, { at, eventBytes: 600 }));
const options = { outOfOrder: true, dryRun: false };

function letterOf(id: string, changes: Partial<DeadLetter> = {}, bytes: Uint8Array = bytesOf(1)): DeadLetter {
  const { record } = sampleLetter();
  return sampleLetter({
    id,
    stage: 'publish',
    code: 'EVENT_TOO_LARGE',
    record: { ...record, bytes: Uint8Array.from(bytes) },
    ...changes,
  });
}

let laboratory: Laboratory;
beforeEach(async () => {
  laboratory = await openLaboratory();
});
afterEach(() => laboratory[Symbol.asyncDispose]());

async function published(): Promise<readonly string[]> {
  const lines: string[] = [];
  for await (const { line } of readLog(laboratory.logDir, 'fenergo.journey')) lines.push(line.toString());
  return lines;
}

describe('redrive', () => {
  it('publishes the record by the present configuration, and closes the letter with its place', async () => {
    const { state, archive, operations } = laboratory;
    await state.deadLetters.add([letterOf('letter-a')]);
    const result = await operations().redrive('letter-a', options);
    expect(result).toMatchObject({ id: 'letter-a', outcome: 'redriven', events: 1 });
    const lines = await published();
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0] ?? '').data).toEqual(JSON.parse(bytesOf(1).toString()));
    expect(await state.deadLetters.get('letter-a')).toMatchObject({
      status: 'redriven',
      closedReason: result.about,
      attempts: 1,
    });
    expect(await state.audit.list(10)).toMatchObject([{ action: 'redrive', feed, detail: { id: 'letter-a' } }]);
    const { id } = JSON.parse(lines[0] ?? '');
    expect(await archive.receipts.trace(id, 5)).toMatchObject([{ batchId: '1642925639481', events: [{ id }] }]);
  });

  it('does nothing to a letter that is closed, and says so', async () => {
    const { state, operations } = laboratory;
    await state.deadLetters.add([letterOf('letter-a'), letterOf('letter-b')]);
    await state.deadLetters.close(['letter-b'], { status: 'discarded', reason: 'a test', at: later(1) });
    await operations().redrive('letter-a', options);
    expect(await operations().redrive('letter-a', options)).toMatchObject({ outcome: 'closed' });
    expect(await operations().redrive('letter-b', options)).toMatchObject({ about: 'discarded: a test' });
    expect(await published()).toHaveLength(1);
  });

  it('publishes once when two ask for it at once', async () => {
    const { state, operations } = laboratory;
    await state.deadLetters.add([letterOf('letter-a')]);
    const both = operations();
    const results = await Promise.all([both.redrive('letter-a', options), both.redrive('letter-a', options)]);
    expect(results.map(({ outcome }) => outcome)).toEqual(['redriven', 'closed']);
    expect(await published()).toHaveLength(1);
  });

  it('wants to be told that the order does not matter', async () => {
    const { state, operations } = laboratory;
    await state.deadLetters.add([letterOf('letter-a')]);
    const refusal = operations().redrive('letter-a', { ...options, outOfOrder: false });
    await expect(refusal).rejects.toMatchObject({ code: 'USAGE', hint: expect.stringContaining('--out-of-order') });
    expect(await published()).toEqual([]);
  });

  it.each(['parked', 'open'] as const)(
    'refuses a letter that is %s at a parked key: release keeps the order',
    async (status) => {
      const { state, operations } = laboratory;
      const place = { partitionKey: 'k 1', destination: 'd' };
      await state.deadLetters.add([
        letterOf('letter-a', { ...place, status }),
        letterOf('letter-b', { ...place, status: 'parked', stage: 'parked' }),
      ]);
      const hint = expect.stringContaining(`feedferry parked release ${feed} "k 1"`);
      await expect(operations().redrive('letter-a', options)).rejects.toMatchObject({ code: 'USAGE', hint });
      expect(await published()).toEqual([]);
    },
  );

  it('leaves a letter open that is poison still, with one attempt more and the new reason', async () => {
    const { state, operations } = laboratory;
    await state.deadLetters.add([letterOf('letter-a', { attempts: 2 }, Buffer.from('{"eventType":"x"}'))]);
    const result = await operations().redrive('letter-a', options);
    expect(result).toMatchObject({ outcome: 'refused', code: expect.stringMatching(/^RECORD_/) });
    expect(await state.deadLetters.get('letter-a')).toMatchObject({
      status: 'open',
      stage: 'normalise',
      attempts: 3,
      code: result.code,
      reason: result.about,
    });
    expect(await published()).toEqual([]);
  });

  it('says what it would do when it is only asked, and does nothing', async () => {
    const { state, operations } = laboratory;
    const letters = [letterOf('letter-a'), letterOf('letter-b', {}, Buffer.from('{}'))];
    await state.deadLetters.add(letters);
    const dry = { ...options, dryRun: true };
    expect(await operations().redrive('letter-a', dry)).toMatchObject({ outcome: 'ready', events: 1 });
    expect(await operations().redrive('letter-b', dry)).toMatchObject({ outcome: 'refused' });
    expect(await published()).toEqual([]);
    expect(await state.deadLetters.list({ limit: 10 })).toEqual(letters);
  });

  it('reads the records of a batch that was set aside as a whole', async () => {
    const { simulator, state, operations } = laboratory;
    simulator.fill({ feed: 'journey', events: 3 });
    const { deadLetterId, batchId } = await operations().setAside(feed, { reason: 'r' });
    expect(await operations().redrive(deadLetterId, options)).toMatchObject({ outcome: 'redriven', events: 3 });
    expect(await published()).toHaveLength(3);
    expect(await state.deadLetters.get(deadLetterId)).toMatchObject({ status: 'redriven', batchId });
  });

  it('says the way out when such a batch cannot be read', async () => {
    const { state, operations } = laboratory;
    await state.deadLetters.add([letterOf('letter-a', { stage: 'operator' }, Buffer.from('<html>'))]);
    const refusal = operations().redrive('letter-a', options);
    await expect(refusal).rejects.toMatchObject({ hint: expect.stringContaining('discard letter-a') });
    expect((await state.deadLetters.get('letter-a'))?.attempts).toBe(1);
  });
});

describe('redrive while a destination is away', { timeout: 30_000 }, () => {
  const dead = '{ broker: bad, topic: dead }';

  /** Operations of a pipeline that publishes to `out`, and to a broker that can never be written. */
  function operationsOf(away: Laboratory, kept: readonly ('out' | 'bad')[]) {
    const pipelines = away.configuration.pipelines.map((pipeline) => {
      const [out] = pipeline.to;
      const { deadLetters: bad } = pipeline;
      if (out === undefined || bad === undefined) throw new Error('a destination is missing');
      const to = { out: { ...out, name: 'out' }, bad: { ...bad, name: 'bad' } };
      return { ...pipeline, to: kept.map((name) => to[name]) };
    });
    const { state, archive, configuration } = away;
    const options = { state, archive, proxy: {}, report: () => {}, redriveMs: 2_000 };
    return createOperations({ ...options, configuration: { ...configuration, pipelines } });
  }

  it('says so, and leaves the letter as it was', async () => {
    await using away = await openLaboratory({}, dead);
    const letter = letterOf('letter-a');
    await away.state.deadLetters.add([letter]);
    const refusal = operationsOf(away, ['bad']).redrive('letter-a', options);
    await expect(refusal).rejects.toMatchObject({
      code: 'BROKER_TIMEOUT',
      hint: expect.stringContaining('stays open'),
    });
    expect(await away.state.deadLetters.get('letter-a')).toEqual(letter);
  });

  it('remembers that the others have it', async () => {
    await using away = await openLaboratory({}, dead);
    await away.state.deadLetters.add([letterOf('letter-a')]);
    const operations = operationsOf(away, ['out', 'bad']);
    const lines = async () => {
      const found: string[] = [];
      for await (const { line } of readLog(away.logDir, 'fenergo.journey')) found.push(line.toString());
      return found.length;
    };
    await expect(operations.redrive('letter-a', options)).rejects.toMatchObject({ code: 'BROKER_TIMEOUT' });
    expect(await lines()).toBe(1);
    const [pipeline] = away.configuration.pipelines;
    expect(await away.state.deadLetters.get('letter-a')).toMatchObject({
      status: 'open',
      attempts: 2,
      code: 'BROKER_TIMEOUT',
      destination: pipeline?.deadLetters?.identity,
    });
    await expect(operations.redrive('letter-a', options)).rejects.toMatchObject({ code: 'BROKER_TIMEOUT' });
    expect(await lines()).toBe(1);
  });

  it('refuses a letter for one of several destinations that has other settings now', async () => {
    await using away = await openLaboratory({}, dead);
    await away.state.deadLetters.add([letterOf('letter-a', { destination: 'gone' })]);
    const refusal = operationsOf(away, ['out', 'bad']).redrive('letter-a', options);
    await expect(refusal).rejects.toMatchObject({
      code: 'DESTINATION_MISSING',
      message: expect.stringContaining('there are: "out", "bad"'),
      hint: expect.stringContaining('--to'),
    });
    const toNone = operationsOf(away, ['out', 'bad']).redrive('letter-a', { ...options, to: 'none' });
    await expect(toNone).rejects.toMatchObject({ code: 'USAGE' });
    await away.state.deadLetters.add([letterOf('letter-b', { destination: 'gone' })]);
    const toOut = operationsOf(away, ['out', 'bad']).redrive('letter-b', { ...options, to: 'out' });
    expect(await toOut).toMatchObject({ outcome: 'redriven', events: 1 });
    await operationsOf(away, ['out']).redrive('letter-a', options);
    expect((await away.state.deadLetters.get('letter-a'))?.status).toBe('redriven');
  });
});

describe('discarding dead letters', () => {
  it('closes them with the reason, with a record of it', async () => {
    const { state, operations } = laboratory;
    await state.deadLetters.add([letterOf('letter-a'), letterOf('letter-b')]);
    expect(await operations().discardDeadLetters(['letter-a'], { reason: 'a test' })).toBe(1);
    expect(await operations().discardDeadLetters(['letter-a', 'letter-b'], { reason: 'other' })).toBe(1);
    expect(await state.deadLetters.get('letter-a')).toMatchObject({ status: 'discarded', closedReason: 'a test' });
    expect(await state.audit.list(10)).toMatchObject([
      { action: 'dead-letters discard', feed, reason: 'other', detail: { ids: ['letter-b'] } },
      { reason: 'a test', detail: { ids: ['letter-a'] } },
    ]);
  });

  it('closes none when one of them is unknown', async () => {
    const { state, operations } = laboratory;
    await state.deadLetters.add([letterOf('letter-a')]);
    const refusal = operations().discardDeadLetters(['letter-a', 'letter-z'], { reason: 'a test' });
    await expect(refusal).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect((await state.deadLetters.get('letter-a'))?.status).toBe('open');
    expect(await state.audit.list(10)).toEqual([]);
  });
});
