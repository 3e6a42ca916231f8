import type { SinkSubject, Use } from './sink-subject.ts';
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
  /** Undefined: the side has no figures of its own here. */
  loadOf(side: Side, subject: SinkSubject): Load | undefined;
}

function used({ messages, requests }: Use, lanes: number): Load {
  return { callers: requests, events: messages, lanes };
}

/** Both send alike; nothing is on its way that could be overtaken. */
function same(name: string, load: Load): Case {
  return { name, loadOf: (side) => (side === 'bareInOrder' ? undefined : load) };
}

/** Where the library gives up order, it is driven once more so that it keeps it. */
function twoWays(name: string, lanes: number, loadOf: (side: Side, subject: SinkSubject) => Load): Case {
  return {
    name,
    loadOf(side, subject) {
      if (side !== 'bareInOrder') return loadOf(side, subject);
      return subject.inOrder && used(subject.inOrder(lanes), lanes);
    },
  };
}

/** The bridge gets batches as sources bring them; the library gets requests of the size that suits it best. */
function flatOut(name: string, lanes: number): Case {
  return twoWays(name, lanes, (side, { best }) =>
    side === 'bare' ? used(best, lanes) : { callers: 500, events: 10, lanes },
  );
}

export const cases: readonly Case[] = [
  same('one, awaited', { callers: 1, events: 1, lanes: 1 }),
  twoWays('ten together, awaited', 1, () => ({ callers: 1, events: 10, lanes: 1 })),
  same('64 callers, each awaits its own one', { callers: 64, events: 1, lanes: 64 }),
  flatOut('flat out, one lane', 1),
  flatOut('flat out, 100 lanes', 100),
];
