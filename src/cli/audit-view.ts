import type { AuditProblem, FeedAudit } from '../audit/findings.ts';
import { moment, printable, shortened, table } from './table.ts';

const heads = ['FEED', 'BROKER', 'RECEIPTS', 'FOUND', 'MISSING', 'DIFFERENT', 'UNCLEAR', 'EXPIRED', 'NOT READ'];

/** Enough of what can be long. */
const idWidth = 60;

export function auditTable(audits: readonly FeedAudit[]): readonly string[] {
  const rows = audits.flatMap(({ feed, brokers }) =>
    brokers.map(({ broker = '-', receipts, verdicts: { found, missing, different, unclear, expired, unread } }) => [
      feed,
      broker,
      ...[receipts, found, missing, different, unclear, expired, unread].map(String),
    ]),
  );
  return rows.length === 0 ? [] : table(heads, rows);
}

/** What the numbers of a feed mean. */
export function auditRemarks({ feed, batches, brokers, ledger }: FeedAudit): readonly string[] {
  const remarks = brokers
    .filter(({ verdicts }) => verdicts.unread > 0)
    .map(
      ({ broker, type, verdicts }) =>
        `${feed}  ${broker}: a broker of type ${type} cannot be read without taking messages away. ` +
        `Checked instead: each of these ${verdicts.unread} events has a receipt, which is its confirm; ` +
        'whether it is there still is not known.',
    );
  const expired = brokers.reduce((sum, { verdicts }) => sum + verdicts.expired, 0);
  if (expired > 0) remarks.push(`${feed}  ${expired} events are no longer kept by the broker, and were not compared.`);
  const lacking =
    ledger.withoutReceipt === 0 ? 'all with a receipt for each event' : `${ledger.withoutReceipt} without all receipts`;
  const old = ledger.expired === 0 ? '' : `, ${ledger.expired} older than the oldest receipt`;
  remarks.push(`${feed}  ${batches} batches in the receipts; ${ledger.batches} in the ledger, ${lacking}${old}.`);
  return remarks;
}

const words: Readonly<Record<AuditProblem['kind'], string>> = {
  missing: 'missing',
  different: 'different',
  unclear: 'unclear',
  'without-receipt': 'without receipt',
};

export function problemLine(feed: string, problem: AuditProblem): string {
  const { kind, batchId, publishedAt, id, broker, receipt = {}, detail } = problem;
  const place = Object.entries(receipt).map(([name, value]) => `${name}=${value}`);
  const parts = [
    words[kind],
    feed,
    `batch ${batchId === '' ? '-' : shortened(batchId, idWidth)}`,
    moment(publishedAt),
    id === undefined ? '' : `event ${shortened(id, idWidth)}`,
    [broker ?? '', ...place].join(' ').trim(),
  ];
  return `${parts.filter((part) => part !== '').join('  ')}: ${printable(detail)}`;
}
