import type { Spool, SpoolEntry } from '../../../src/core/spool.ts';
import { noon } from './samples.ts';

type Identity = NonNullable<SpoolEntry['identity']>;

export const feed = 'hooks/orders';

export function spoolEntry(body: string, identity?: Partial<Identity>): SpoolEntry {
  const bytes = Uint8Array.from(Buffer.from(body));
  const whole = { source: '/hooks', id: body, kind: 'event', partitionkey: 'k', ...identity } as const;
  return {
    record: { bytes, mediaType: 'text/plain', headers: { 'x-body': 'größer' }, receivedAt: noon },
    batchId: 'delivery 7',
    index: 3,
    ...(identity ? { identity: whole } : {}),
  };
}

export async function bodiesIn(spool: Spool, after = 0, of: `${string}/${string}` = feed): Promise<readonly string[]> {
  const page = await spool.read(of, after, { records: 1_000, bytes: 1024 ** 2 });
  return page.records.map(({ entry }) => Buffer.from(entry.record.bytes).toString());
}
