import { hash } from 'node:crypto';
import type { SpooledRecord } from '../../core/spool.ts';

/** Consecutive records of the spool that make one batch. */
export interface Slice {
  /** Upstream's name for the batch that they are of; undefined where it has none. */
  readonly upstreamId: string | undefined;
  /** Place of the first one in it. */
  readonly offset: number;
  readonly records: readonly SpooledRecord[];
}

function continues({ entry: last }: SpooledRecord, { entry: next }: SpooledRecord): boolean {
  return last.batchId === next.batchId && (last.batchId === '' || last.index + 1 === next.index);
}

/** Cuts records where upstream's batches end, and where something of them is missing. Those without a name stay together. */
export function slices(records: readonly SpooledRecord[]): readonly Slice[] {
  const runs: SpooledRecord[][] = [];
  let run: SpooledRecord[] = [];
  for (const record of records) {
    const last = run.at(-1);
    if (last === undefined || !continues(last, record)) {
      run = [];
      runs.push(run);
    }
    run.push(record);
  }
  return runs.map((each) => {
    const { batchId = '', index = 0 } = each[0]?.entry ?? {};
    return batchId === ''
      ? { upstreamId: undefined, offset: 0, records: each }
      : { upstreamId: batchId, offset: index, records: each };
  });
}

/** Says up to where a feed is read: the sequence, and what tells the record there from that of another spool. */
export function positionAt({ sequence, entry }: SpooledRecord): string {
  const { record, batchId, index } = entry;
  const head = JSON.stringify([batchId, index, record.receivedAt.getTime()]);
  return `${sequence} ${hash('sha256', Buffer.concat([Buffer.from(head), record.bytes])).slice(0, 32)}`;
}

/** The sequence of a position; 0 for what is none. */
export function sequenceOf(position: string | undefined): number {
  return Number(/^(\d{1,15}) [0-9a-f]{32}$/.exec(position ?? '')?.[1] ?? 0);
}
