import type { Delivery } from '../../src/core/sink.ts';
import { type Answer, confirm, failed, unknown } from './fake-sink.ts';

/** What becomes of the events of one lane in one call. */
export interface Verdict {
  /** So many are written; the broker says so of the first `confirmed` of them. */
  readonly written: number;
  readonly confirmed: number;
  /** What it says of the first one that it does not confirm. */
  readonly otherwise: 'failed' | 'unknown' | 'poison' | 'fatal';
  /** Turns of the event loop that the answer takes. */
  readonly turns: number;
}

/** A broker with a log, which keeps to the contract of Sink but is as unreliable as its verdicts make it. */
export interface ModelBroker {
  /** For a fake sink. */
  readonly answer: Answer;
  /** Ids in order of writing. */
  readonly log: readonly string[];
  /** Ids that were refused for good. */
  readonly poisoned: ReadonlySet<string>;
  /** How often an event was written without a word. */
  unknownWrites(id: string): number;
}

/** Takes one verdict for each lane of each call; once there are none left, all is confirmed. */
export function createModelBroker(planned: readonly Verdict[]): ModelBroker {
  const verdicts = [...planned];
  const log: string[] = [];
  const poisoned = new Set<string>();
  const unknownWrites = new Map<string, number>();

  /** The deliveries of a lane's events. Those written are the first of them, so that a repeat keeps the order. */
  function judge(ids: readonly string[], verdict: Verdict | undefined): readonly Delivery[] {
    if (verdict === undefined) {
      log.push(...ids);
      return ids.map(() => confirm);
    }
    const confirmed = Math.min(verdict.confirmed, verdict.written);
    return ids.map((id, at) => {
      if (at < confirmed) {
        log.push(id);
        return confirm;
      }
      if (verdict.otherwise === 'poison' && at === confirmed) {
        poisoned.add(id);
        return failed('EVENT_REFUSED');
      }
      if (verdict.otherwise === 'fatal' && at === confirmed) return failed('DESTINATION_MISSING');
      if (verdict.otherwise === 'unknown' && at < verdict.written) {
        log.push(id);
        unknownWrites.set(id, (unknownWrites.get(id) ?? 0) + 1);
      }
      if (verdict.otherwise === 'unknown') return unknown();
      return failed(at === confirmed ? 'BROKER_UNAVAILABLE' : 'NOT_SENT');
    });
  }

  async function answer({ items }: Parameters<Answer>[0]): Promise<readonly Delivery[]> {
    const deliveries = new Map<string, Delivery>();
    let turns = 0;
    for (const [, ofLane] of Map.groupBy(items, ({ lane }) => lane)) {
      const verdict = verdicts.shift();
      turns += verdict?.turns ?? 0;
      const ids = ofLane.map(({ envelope }) => envelope.attributes.id);
      for (const id of ids) if (poisoned.has(id)) deliveries.set(id, failed('EVENT_REFUSED'));
      const open = ids.filter((id) => !poisoned.has(id));
      judge(open, verdict).forEach((delivery, at) => {
        deliveries.set(open[at] ?? '', delivery);
      });
    }
    for (let turn = 0; turn < turns; turn++) await new Promise(setImmediate);
    return items.map(({ envelope }) => deliveries.get(envelope.attributes.id) ?? failed());
  }

  return { answer, log, poisoned, unknownWrites: (id) => unknownWrites.get(id) ?? 0 };
}
