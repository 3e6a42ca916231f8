import { BridgeError, type ErrorCode } from '../../src/core/errors.ts';
import type { FencedWriter, Outcome, TransactionalSink } from '../../src/core/fenced-writer.ts';
import { createFakeSink } from './fake-sink.ts';

/** What becomes of a transaction. `lost`: it is committed, and the answer is lost; `dropped`: neither. */
export type Fate = 'commit' | 'lost' | 'dropped' | ErrorCode;

/** A broker with transactions for one feed, in memory. Sinks of several processes may be opened at it. */
export interface TransactionalBroker {
  /** Ids, in order. */
  readonly committed: readonly string[];
  readonly mark: string | undefined;
  /** What was done, in order. */
  readonly calls: string[];
  /** Asked for each transaction that is not fenced. */
  fate: (ids: readonly string[]) => Fate;
  /** Ids that are refused. */
  readonly poison: Set<string>;
  /** What the next openings reject with, one each. */
  readonly refusals: ErrorCode[];
  open(): TransactionalSink;
}

export function createTransactionalBroker(calls: string[] = []): TransactionalBroker {
  const committed: string[] = [];
  let last: { readonly mark: string | undefined; readonly owner: object | undefined } = {
    mark: undefined,
    owner: undefined,
  };
  let epoch = 0;

  const broker: TransactionalBroker = {
    committed,
    get mark() {
      return last.mark;
    },
    calls,
    fate: () => 'commit',
    poison: new Set(),
    refusals: [],
    open() {
      const owner = {};
      const sink = createFakeSink();
      let held = false;
      return {
        ...sink,
        async openWriter(): Promise<FencedWriter> {
          const refusal = broker.refusals.shift();
          calls.push(refusal ? `open: ${refusal}` : 'open');
          if (refusal) throw new BridgeError(refusal, 'the broker refuses');
          if (held && last.owner !== owner) {
            held = false;
            throw new BridgeError('PRODUCER_FENCED', 'somebody else has taken over');
          }
          held = true;
          epoch += 1;
          const own = epoch;
          let { mark } = last;
          last = { mark, owner };
          let spoilt = false;

          async function publish(ids: readonly string[], next: string): Promise<Outcome> {
            if (spoilt) return { status: 'failed', error: new BridgeError('NOT_SENT', 'it is spoilt') };
            const index = ids.findIndex((id) => broker.poison.has(id));
            if (own === epoch && index >= 0) {
              return { status: 'refused', index, error: new BridgeError('EVENT_REFUSED', `${ids[index]} is poison`) };
            }
            const fate = own === epoch ? broker.fate(ids) : 'PRODUCER_FENCED';
            if (fate === 'commit' || fate === 'lost') {
              committed.push(...ids);
              last = { mark: next, owner };
            }
            if (fate === 'commit') {
              mark = next;
              return { status: 'committed', receipts: ids.map((_, offset) => ({ partition: 0, offset })) };
            }
            spoilt = true;
            const lost = fate === 'lost' || fate === 'dropped';
            const error = new BridgeError(lost ? 'BROKER_TIMEOUT' : fate, 'the transaction failed');
            return { status: lost ? 'unknown' : 'failed', error };
          }

          return {
            get mark() {
              return mark;
            },
            async publish(items, next) {
              const ids = items.map(({ envelope }) => envelope.attributes.id);
              const outcome = await publish(ids, next);
              calls.push(`publish ${ids.join(' ')}: ${outcome.status}`);
              return outcome;
            },
            async [Symbol.asyncDispose]() {
              if (!spoilt) held = false;
            },
          };
        },
      };
    },
  };
  return broker;
}
