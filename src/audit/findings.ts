import type { Receipt } from '../core/sink.ts';
import type { Sighting } from '../core/sink-reader.ts';

/** `unread`: the broker cannot be read without taking events away, so that the receipt is all there is. */
export type Verdict = Sighting['status'] | 'unread';

export type VerdictCounts = Readonly<Record<Verdict, number>>;

/** What became of the receipts of a feed at one broker. */
export interface BrokerAudit {
  /** As the configuration names it; undefined where it does not say any more which one it was. */
  readonly broker: string | undefined;
  /** Of the sink. */
  readonly type: string | undefined;
  readonly receipts: number;
  readonly verdicts: VerdictCounts;
}

export interface AuditProblem {
  readonly kind: 'missing' | 'different' | 'unclear' | 'without-receipt';
  readonly batchId: string;
  readonly publishedAt: Date;
  /** Of the event; absent where it is a whole batch that lacks receipts. */
  readonly id?: string;
  readonly broker?: string;
  readonly receipt?: Receipt;
  readonly detail: string;
}

/** The comparison for one feed. */
export interface FeedAudit {
  readonly feed: string;
  /** Batches that have receipts within the time. */
  readonly batches: number;
  readonly brokers: readonly BrokerAudit[];
  readonly ledger: {
    /** Batches that the ledger has within the time. */
    readonly batches: number;
    /** Of these: have published events of which there is no receipt. */
    readonly withoutReceipt: number;
    /** Of these: are older than the oldest receipt that is kept. */
    readonly expired: number;
  };
  /** The first of them. */
  readonly problems: readonly AuditProblem[];
}

/** Whether something is not as the ledger and the receipts say, or could not be seen although it can be read. */
export function isSound({ brokers, ledger }: FeedAudit): boolean {
  const wrong = brokers.reduce(
    (sum, { verdicts: { missing, different, unclear } }) => sum + missing + different + unclear,
    0,
  );
  return wrong + ledger.withoutReceipt === 0;
}

const none: VerdictCounts = { found: 0, missing: 0, different: 0, unclear: 0, expired: 0, unread: 0 };

/** Collects what is found of one feed. Keeps so many problems. */
export function createFindings(feed: string, most: number) {
  const brokers = new Map<string | undefined, { -readonly [K in keyof BrokerAudit]: BrokerAudit[K] }>();
  const ledger = { batches: 0, withoutReceipt: 0, expired: 0 };
  const problems: AuditProblem[] = [];
  let batches = 0;

  return {
    addBatch() {
      batches++;
    },
    addVerdict(broker: string | undefined, type: string | undefined, verdict: Verdict) {
      const known = brokers.get(broker) ?? { broker, type, receipts: 0, verdicts: none };
      brokers.set(broker, known);
      known.receipts++;
      known.verdicts = { ...known.verdicts, [verdict]: known.verdicts[verdict] + 1 };
    },
    addLedger(page: typeof ledger) {
      ledger.batches += page.batches;
      ledger.withoutReceipt += page.withoutReceipt;
      ledger.expired += page.expired;
    },
    addProblem(problem: AuditProblem) {
      if (problems.length < most) problems.push(problem);
    },
    get audit(): FeedAudit {
      return { feed, batches, brokers: [...brokers.values()], ledger, problems };
    },
  };
}

export type Findings = ReturnType<typeof createFindings>;
