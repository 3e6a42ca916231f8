import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ContentFault, ContentsOptions } from '../../../connectors/async-session/simulator/contents.ts';
import { type SessionBridge, startSessionBridge } from '../../support/contents/session-bridge.ts';

const patient = { timeout: 20_000 };

let resources: AsyncDisposableStack;
beforeEach(() => {
  resources = new AsyncDisposableStack();
});
afterEach(() => resources.disposeAsync());

async function start(options: ContentsOptions = {}, download: Readonly<Record<string, unknown>> = {}) {
  return resources.use(await startSessionBridge(options, download));
}

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

async function eventsOf({ events }: SessionBridge, count: number) {
  await expect.poll(async () => (await events()).length, { timeout: 15_000 }).toBe(count);
  return events();
}

async function lettersOf({ bridge }: SessionBridge, count: number) {
  const letters = () => bridge.operations.deadLetters({ feed: 'sessions/sessions', limit: 100 });
  await expect.poll(async () => (await letters()).length, { timeout: 15_000 }).toBe(count);
  return letters();
}

describe('what sessions have made', () => {
  it('is fetched as it gets ready: the JSON into the event, the report into the store', async () => {
    const sessions = await start();
    const { contents, tell, fileOf } = sessions;
    for (const status of ['JsonDataReady', 'ReportReady', 'AllDone']) {
      expect(await tell({ sessionId: 'S-1', status })).toBe(200);
    }
    const [json, report, all] = await eventsOf(sessions, 3);
    const made = contents.contentOf('S-1', 'json');
    expect(json?.data).toEqual({
      record: { sessionId: 'S-1', status: 'JsonDataReady' },
      content: [
        {
          name: 'json',
          mediatype: 'application/json',
          length: made.length,
          sha256: sha256(made),
          data: JSON.parse(made.toString()),
        },
      ],
    });
    const [{ ref = '', ...rest } = {}] = report?.data.content ?? [];
    const pdf = contents.contentOf('S-1', 'report');
    expect(rest).toEqual({ name: 'report', mediatype: 'application/pdf', length: pdf.length, sha256: sha256(pdf) });
    expect(await readFile(fileOf(ref))).toEqual(pdf);
    expect(all?.data).toEqual({ record: { sessionId: 'S-1', status: 'AllDone' }, content: [] });
    expect([...contents.asked.values()]).toEqual([1, 1]);
  });

  it('is fetched together at the end where only that is told, and embedded where it is small enough', async () => {
    const on = ['AllDone'];
    const sessions = await start(
      { bytes: { report: 100 } },
      { json: { on, inline: false }, report: { on, inline: '1KiB' } },
    );
    await sessions.tell({ sessionId: 'S 2/x', status: 'AllDone' });
    const [all] = await eventsOf(sessions, 1);
    const pdf = sessions.contents.contentOf('S 2/x', 'report');
    expect(all?.data.content).toMatchObject([
      { name: 'json', ref: expect.stringMatching(/^claims\/[0-9a-f]{64}\.json$/) },
      { name: 'report', length: pdf.length, data_base64: pdf.toString('base64') },
    ]);
  });

  it('is published as it comes, and waits for no more than a few others', patient, async () => {
    const sessions = await start({ faults: { slow: 1 } });
    await sessions.tell(Array.from({ length: 40 }, (_, index) => ({ sessionId: `S-${index}`, status: 'ReportReady' })));
    await expect
      .poll(async () => (await sessions.events()).length, { timeout: 15_000, interval: 20 })
      .toBeGreaterThan(0);
    expect(sessions.contents.asked.size).toBeLessThan(30);
    await eventsOf(sessions, 40);
  });

  it('never delays the answer to the webhook', patient, async () => {
    const sessions = await start({ faults: { busy: 1 } }, { retryFor: '1s' });
    const began = performance.now();
    const bodies = Array.from({ length: 20 }, (_, index) => ({ sessionId: `S-${index}`, status: 'ReportReady' }));
    expect(await Promise.all(bodies.map(sessions.tell))).toEqual(bodies.map(() => 200));
    expect(performance.now() - began).toBeLessThan(5_000);
    expect(await sessions.events()).toEqual([]);
  });

  it.each<ContentFault>(['cut', 'short', 'busy', 'slow'])(
    'is fetched anew when it is %s, and nothing half is ever left',
    patient,
    async (fault) => {
      const sessions = await start({ faults: { [fault]: 0.4 }, seed: 2 });
      const ids = Array.from({ length: 6 }, (_, index) => `S-${index}`);
      await sessions.tell(ids.map((sessionId) => ({ sessionId, status: 'ReportReady' })));
      const events = await eventsOf(sessions, 6);
      expect(events.map(({ subject }) => subject)).toEqual(ids);
      for (const { subject, data } of events) {
        const pdf = sessions.contents.contentOf(subject, 'report');
        expect(await readFile(sessions.fileOf(data.content[0]?.ref ?? ''))).toEqual(pdf);
      }
      expect(await readdir(`${sessions.dir}/.incoming`)).toEqual([]);
      const asked = [...sessions.contents.asked.values()].reduce((sum, times) => sum + times, 0);
      if (fault === 'slow') expect(asked).toBe(6);
      else expect(asked).toBeGreaterThan(6);
    },
  );

  it.each<[ContentFault, string]>([
    ['missing', 'CONTENT_GONE'],
    ['huge', 'CONTENT_TOO_LARGE'],
    ['web-page', 'CONTENT_TYPE_WRONG'],
  ])('that is %s makes its event a dead letter, %s, and holds up no other', patient, async (fault, code) => {
    const sessions = await start({ faults: { [fault]: 0.5 }, seed: 3 }, { report: { maxBytes: '1MiB' } });
    const ids = Array.from({ length: 8 }, (_, index) => `S-${index}`);
    const bad = ids.filter((id) => sessions.contents.lastingFault(id, 'report'));
    expect(bad.length).toBeGreaterThan(0);
    expect(bad.length).toBeLessThan(8);
    await sessions.tell(ids.map((sessionId) => ({ sessionId, status: 'ReportReady' })));
    const letters = await lettersOf(sessions, bad.length);
    expect(letters.map((letter) => [letter.code, letter.stage])).toEqual(bad.map(() => [code, 'step']));
    const events = await eventsOf(sessions, 8 - bad.length);
    expect(events.map(({ subject }) => subject)).toEqual(ids.filter((id) => !bad.includes(id)));
    expect((await readdir(sessions.dir, { recursive: true })).filter((name) => name.endsWith('.pdf'))).toHaveLength(
      8 - bad.length,
    );
  });

  it('is given up after `retryFor`, so that the others follow, and can be fetched by a redrive', patient, async () => {
    const faults = { busy: 1 };
    const sessions = await start({ faults }, { retryFor: '1s', json: false });
    await sessions.tell({ sessionId: 'S-1', status: 'ReportReady' });
    await sessions.tell({ sessionId: 'S-1', status: 'AllDone' });
    const [letter] = await lettersOf(sessions, 1);
    expect(letter).toMatchObject({ code: 'CONTENT_UNAVAILABLE', stage: 'step' });
    await eventsOf(sessions, 1);
    faults.busy = 0;
    await sessions.bridge.operations.redrive(letter?.id ?? '', { outOfOrder: true, dryRun: false });
    const [, redriven] = await eventsOf(sessions, 2);
    const pdf = sessions.contents.contentOf('S-1', 'report');
    expect(await readFile(sessions.fileOf(redriven?.data.content[0]?.ref ?? ''))).toEqual(pdf);
  });

  it('goes with credentials of its own, and only below its own base URL', patient, async () => {
    const sessions = await start({ token: 'let-me-in' }, { auth: { bearer: 'let-me-in' } });
    await sessions.tell({ sessionId: '..', status: 'JsonDataReady' });
    await sessions.tell({ sessionId: 'S-1', status: 'JsonDataReady' });
    expect(await eventsOf(sessions, 1)).toMatchObject([{ subject: 'S-1' }]);
    expect(await lettersOf(sessions, 1)).toMatchObject([{ code: 'CONTENT_REFUSED' }]);
    expect(existsSync(sessions.dir)).toBe(true);
  });
});
