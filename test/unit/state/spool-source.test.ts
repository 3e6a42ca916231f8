import { describe, expect, test } from 'vitest';
import { BridgeError, type ErrorCode } from '../../../src/core/errors.ts';
import type { Spool } from '../../../src/core/spool.ts';
import { createSpoolSource, type SpooledFeed } from '../../../src/sources/spool/spool-source.ts';
import { openSpool } from '../../../src/state/spool/open-spool.ts';
import { bodiesOf, read, take } from '../../conformance/source/reader.ts';
import { type SourceKind, sourceConformance } from '../../conformance/source.ts';
import { bodiesIn, feed, spoolEntry } from '../../conformance/state/spool-samples.ts';
import { temporaryDirectory } from './temporary-directory.ts';

const retry = { baseMs: 2, capMs: 10, jitter: 'full' } as const;
const { signal } = new AbortController();

async function spoolInPlace() {
  const directory = await temporaryDirectory();
  const spool = openSpool({ dir: directory.path, maxBytes: 1024 ** 3 });
  return {
    spool,
    source: (options: Partial<SpooledFeed> = {}) =>
      createSpoolSource({ feed, spool, report: () => {}, retry, ...options }),
    async [Symbol.asyncDispose]() {
      await spool[Symbol.asyncDispose]();
      await directory[Symbol.asyncDispose]();
    },
  };
}

/** A spool that fails as it is told, and whose pages end where what was offered together ends. */
const spooled: SourceKind = {
  async open() {
    const place = await spoolInPlace();
    const { spool } = place;
    const bodies: string[] = [];
    const ends: number[] = [];
    let acknowledged = 0;
    let failure: { readonly code: ErrorCode; left: number } | undefined;
    let offering = Promise.resolve();

    async function reached<T>(call: () => Promise<T>): Promise<T> {
      await offering;
      if (failure && failure.left-- > 0) throw new BridgeError(failure.code, 'as the test wants it');
      return call();
    }

    const faulty: Spool = {
      ...spool,
      read: (of, after, most) =>
        reached(() => {
          const end = ends.find((one) => one > after) ?? after + 1;
          return spool.read(of, after, { ...most, records: end - after });
        }),
      grown: (of, sequence, end) => reached(() => spool.grown(of, sequence, end)),
      state: () => reached(() => spool.state()),
      release: (of, sequence) =>
        reached(async () => {
          await spool.release(of, sequence);
          acknowledged = Math.max(acknowledged, sequence);
        }),
    };
    return {
      source: place.source({ spool: faulty }),
      offer(offered) {
        bodies.push(...offered);
        ends.push(bodies.length);
        const entries = offered.map((body) => {
          const entry = spoolEntry(body);
          return { ...entry, record: { ...entry.record, receivedAt: new Date() } };
        });
        offering = offering.then(async () => void (await spool.append(feed, entries)));
      },
      acknowledged: () => bodies.slice(0, acknowledged),
      fail(how) {
        failure = how === 'briefly' ? { code: 'STATE_UNWRITABLE', left: 3 } : { code: 'STATE_TOO_NEW', left: 1e9 };
      },
      mend() {
        failure = undefined;
      },
      async [Symbol.asyncDispose]() {
        await offering;
        await place[Symbol.asyncDispose]();
      },
    };
  },
};

describe('a source over the spool', () => {
  for (const { name, run } of sourceConformance(spooled)) test(name, run);

  test('gives many batches before one is acked, and releases as they are acked', async () => {
    await using place = await spoolInPlace();
    await place.spool.append(
      feed,
      ['1', '2', '3', '4', '5'].map((body) => spoolEntry(body)),
    );
    const reader = read(place.source({ most: { records: 2, bytes: 1024 ** 2 } }));
    const batches = [await take(reader), await take(reader), await take(reader)];
    expect(batches.map(bodiesOf)).toEqual([['1', '2'], ['3', '4'], ['5']]);
    expect(batches.map(({ position }) => position)).toEqual(['2', '4', '5']);
    await batches[0]?.ack(signal);
    expect(await bodiesIn(place.spool)).toEqual(['3', '4', '5']);
    await batches[1]?.ack(signal);
    await batches[2]?.ack(signal);
    expect(await bodiesIn(place.spool)).toEqual([]);
    reader.stop();
  });

  test('gives all again that was not acked, after one came back', async () => {
    await using place = await spoolInPlace();
    await place.spool.append(
      feed,
      ['1', '2', '3'].map((body) => spoolEntry(body)),
    );
    const source = place.source({ most: { records: 1, bytes: 1024 ** 2 } });
    const reader = read(source);
    const [first, second, third] = [await take(reader), await take(reader), await take(reader)];
    const waiting = reader.next();
    await first.ack(signal);
    await second.nack(new BridgeError('STOPPING', 'stopped'));
    expect(await waiting).toBeUndefined();
    await expect(third.ack(signal)).rejects.toMatchObject({ code: 'INTERNAL' });
    const again = read(source);
    expect(bodiesOf(await take(again))).toEqual(['2']);
    expect(bodiesOf(await take(again))).toEqual(['3']);
    again.stop();
  });

  test('goes on after what was released, when it is opened again', async () => {
    await using directory = await temporaryDirectory();
    const open = () => openSpool({ dir: directory.path, maxBytes: 1024 ** 3 });
    const first = open();
    await first.append(
      feed,
      ['1', '2', '3'].map((body) => spoolEntry(body)),
    );
    await first.release(feed, 1);
    await first[Symbol.asyncDispose]();
    await using spool = open();
    const reader = read(createSpoolSource({ feed, spool, report: () => {} }));
    expect(bodiesOf(await take(reader))).toEqual(['2', '3']);
    const waiting = take(reader);
    await spool.append(feed, [spoolEntry('4')]);
    expect(bodiesOf(await waiting)).toEqual(['4']);
    reader.stop();
  });

  test('passes a gap, tells of it, and releases it with what follows', async () => {
    await using place = await spoolInPlace();
    await place.spool.append(
      feed,
      ['1', '2', '3', '4'].map((body) => spoolEntry(body)),
    );
    const damaged: Spool = {
      ...place.spool,
      async read(of, after, most) {
        const page = await place.spool.read(of, after, most);
        const records = page.records.filter(({ sequence }) => sequence !== 2 && sequence !== 3);
        return { records, gaps: after < 3 ? [{ from: 2, to: 3 }] : [] };
      },
    };
    const gaps: unknown[] = [];
    const reader = read(place.source({ spool: damaged, onGap: (gap) => gaps.push(gap) }));
    const batch = await take(reader);
    expect(bodiesOf(batch)).toEqual(['1', '4']);
    expect(gaps).toEqual([{ from: 2, to: 3 }]);
    await batch.ack(signal);
    expect((await place.spool.state()).feeds).toMatchObject([{ released: 4, records: 0 }]);
    reader.stop();
  });
});
