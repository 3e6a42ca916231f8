import type { DestinationDefinition } from '../config/configuration.ts';
import type { BatchReceipt, EventReceipt } from '../core/archive.ts';
import type { FeedName } from '../core/batch.ts';
import { BridgeError, toBridgeError } from '../core/errors.ts';
import type { ExpectedEvent, Sighting, SinkReader } from '../core/sink-reader.ts';
import type { Operations } from '../operations/operations.ts';
import { type BackoffPolicy, backoffMs, wait } from '../pipeline/backoff.ts';
import { brokerOf } from './broker-of.ts';
import { createFindings, type FeedAudit, type Findings } from './findings.ts';

/** A broker of the pipeline. */
export interface AuditedBroker {
  readonly type: string;
  /** Undefined: it cannot be read without taking events away. */
  readonly reader: SinkReader | undefined;
}

export interface AuditContext {
  readonly feed: FeedName;
  readonly from: Date;
  readonly to: Date;
  readonly operations: Pick<Operations, 'receipts' | 'unreceipted'>;
  /** The destinations of its pipeline. */
  readonly destinations: readonly Pick<DestinationDefinition, 'name' | 'brokerName'>[];
  /** By name. */
  readonly brokers: ReadonlyMap<string, AuditedBroker>;
  /** Between tries of a broker that does not answer. */
  readonly backoff: BackoffPolicy;
  /** Problems that are kept. */
  readonly mostProblems: number;
  /** Told after each step how far it is. */
  onProgress(audit: FeedAudit, upTo: Date): void;
  readonly signal: AbortSignal;
}

/** Batches that travel as one answer. */
const receiptsPage = 50;
const ledgerPage = 500;
/** Receipts that are looked up together: a broker gives events in larger pieces than a page of batches. */
const chunk = 2_000;
/** Times that a broker is asked before it counts as away. */
const mostTries = 5;

interface Entry {
  readonly batch: BatchReceipt;
  readonly event: EventReceipt;
}

async function* pagesOf<Page extends { readonly next?: number | undefined }>(
  page: (after: number | undefined) => Promise<Page>,
  signal: AbortSignal,
): AsyncIterable<Page> {
  let after: number | undefined;
  do {
    if (signal.aborted) throw new BridgeError('STOPPING', 'stopped before everything was compared');
    const found = await page(after);
    yield found;
    after = found.next;
  } while (after !== undefined);
}

/** A leader that moves, or a connection that breaks off, is no reason to begin again. */
async function lookUp(reader: SinkReader, expected: readonly ExpectedEvent[], { backoff, signal }: AuditContext) {
  for (let attempt = 1; ; attempt++) {
    try {
      return await reader.lookUp(expected, signal);
    } catch (thrown) {
      const error = toBridgeError(thrown);
      if (signal.aborted || error.disposition !== 'retryable' || attempt === mostTries) throw error;
      await wait(backoffMs(backoff, attempt), signal);
    }
  }
}

const forgotten: Sighting = {
  status: 'unclear',
  detail: 'the configuration does not say any more which broker it was',
};

async function compare(entries: readonly Entry[], findings: Findings, context: AuditContext): Promise<void> {
  const { destinations, brokers } = context;
  for (const [name, group] of Map.groupBy(entries, ({ event }) => brokerOf(destinations, event))) {
    const broker = name === undefined ? undefined : brokers.get(name);
    if (broker && !broker.reader) {
      for (const _ of group) findings.addVerdict(name, broker.type, 'unread');
      continue;
    }
    const expected = group.map(({ event: { id, source, receipt } }) => ({ source, id, receipt }));
    const sightings = broker?.reader ? await lookUp(broker.reader, expected, context) : expected.map(() => forgotten);
    group.forEach(({ batch, event }, at) => {
      const sighting = sightings[at] ?? forgotten;
      findings.addVerdict(name, broker?.type, sighting.status);
      if (sighting.status === 'found' || sighting.status === 'expired') return;
      findings.addProblem({
        kind: sighting.status,
        batchId: batch.batchId,
        publishedAt: batch.publishedAt,
        id: event.id,
        ...(name !== undefined && { broker: name }),
        receipt: event.receipt,
        detail: sighting.detail,
      });
    });
  }
}

async function compareReceipts(findings: Findings, context: AuditContext): Promise<void> {
  const { feed, from, to, operations, signal } = context;
  const page = (after: number | undefined) => operations.receipts({ feed, from, to, after, limit: receiptsPage });
  let waiting: Entry[] = [];
  for await (const { items, next } of pagesOf(page, signal)) {
    for (const batch of items) {
      findings.addBatch();
      for (const event of batch.events) waiting.push({ batch, event });
    }
    const last = waiting.at(-1);
    if (waiting.length < chunk && next !== undefined) continue;
    for (let at = 0; at < waiting.length; at += chunk) await compare(waiting.slice(at, at + chunk), findings, context);
    waiting = [];
    context.onProgress(findings.audit, last?.batch.publishedAt ?? from);
  }
}

async function compareLedger(findings: Findings, context: AuditContext): Promise<void> {
  const { feed, from, to, operations, signal } = context;
  const page = (after: number | undefined) => operations.unreceipted({ feed, from, to, after, limit: ledgerPage });
  for await (const { batches, expired, items } of pagesOf(page, signal)) {
    findings.addLedger({ batches, expired, withoutReceipt: items.length });
    for (const { batchId, publishedAt, events, receipts, whereabouts } of items) {
      const detail = `of ${events} events, ${receipts} have a receipt; published to ${whereabouts}`;
      findings.addProblem({ kind: 'without-receipt', batchId, publishedAt, detail });
    }
  }
}

/**
 * Compares the receipts of a feed with its brokers, and its ledger with the receipts. Takes no more memory for a longer
 * time. Rejects with STOPPING, or with the BridgeError of a broker that cannot be asked.
 */
export async function auditFeed(context: AuditContext): Promise<FeedAudit> {
  const findings = createFindings(context.feed, context.mostProblems);
  await compareReceipts(findings, context);
  await compareLedger(findings, context);
  return findings.audit;
}
