import type { SinkSubject } from './sink-subject.ts';
import type { Side } from './target.ts';

/** So many callers, each of which sends so many events and awaits their confirm before it sends again. */
export interface Load {
  readonly callers: number;
  readonly events: number;
  /** Callers take turns among them. */
  readonly lanes: number;
}

export interface Case {
  readonly name: string;
  loadOf(side: Side, subject: SinkSubject): Load;
}

function same(name: string, load: Load): Case {
  return { name, loadOf: () => load };
}

/** The bridge gets batches as sources bring them; the library gets requests of the size that suits it best. */
function flatOut(name: string, lanes: number): Case {
  return {
    name,
    loadOf: (side, { best }) =>
      side === 'bare' ? { callers: best.requests, events: best.messages, lanes } : { callers: 500, events: 10, lanes },
  };
}

export const cases: readonly Case[] = [
  same('one, awaited', { callers: 1, events: 1, lanes: 1 }),
  same('ten together, awaited', { callers: 1, events: 10, lanes: 1 }),
  same('64 callers, each awaits its own one', { callers: 64, events: 1, lanes: 64 }),
  flatOut('flat out, one lane', 1),
  flatOut('flat out, 100 lanes', 100),
];
