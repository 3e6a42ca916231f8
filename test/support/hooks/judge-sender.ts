import type { SentDelivery } from '../../../connectors/webhook/simulator/options.ts';

/** What is wrong, by the marks of what was sent. All empty: the bridge has kept its word. */
export interface SenderVerdict {
  /** Answered with success, and not there. */
  readonly lost: readonly string[];
  /** There, and never rightly sent. */
  readonly forbidden: readonly string[];
  /** There, and of nobody. */
  readonly alien: readonly string[];
  /** There, before which a later one of its lane was there. Those of a lane were sent one after the other. */
  readonly reordered: readonly string[];
  /** Answered with success, and not set aside, though it is no event. */
  readonly notSetAside: readonly string[];
  /** Answered with success, though it should have been refused. */
  readonly letThrough: readonly string[];
}

/**
 * Compares what a sender was answered with what is stored. `events`: the data of each event, in order of the
 * destination. `letters`: the bytes of each dead letter.
 */
export function judgeSender(
  sent: readonly SentDelivery[],
  events: readonly string[],
  letters: readonly string[],
): SenderVerdict {
  const genuine = sent.filter(({ kind }) => kind === 'genuine');
  const marks = new Set(genuine.flatMap((delivery) => delivery.marks));
  const pattern = /(?:[a-z]+-)*[a-z]+-[0-9a-f]{8}-[0-9a-f]{8}/;
  const stored = events.map((event) => pattern.exec(event)?.[0] ?? event);
  const first = new Map<string, number>();
  stored.forEach((mark, at) => {
    if (!first.has(mark)) first.set(mark, at);
  });
  const strange = new Set(sent.filter(({ kind }) => kind !== 'genuine').flatMap((delivery) => delivery.marks));
  const lanes = Map.groupBy(
    genuine.filter((delivery) => delivery.marks.length === 1),
    ({ lane }) => lane,
  );
  const safe = (kind: SentDelivery['kind']): readonly SentDelivery[] =>
    sent.filter((delivery) => delivery.kind === kind && delivery.safe !== null);
  return {
    lost: safe('genuine').flatMap((delivery) => delivery.marks.filter((mark) => !first.has(mark))),
    forbidden: stored.filter((mark) => strange.has(mark)),
    alien: stored.filter((mark) => !marks.has(mark) && !strange.has(mark)),
    reordered: [...lanes.values()].flatMap((lane) => {
      const places = lane
        .toSorted((a, b) => a.number - b.number)
        .map(({ marks: [mark = ''] }) => ({ mark, at: first.get(mark) }));
      const there = places.filter(({ at }) => at !== undefined);
      return there
        .filter(({ at }, index) => index > 0 && (at ?? 0) < (there[index - 1]?.at ?? 0))
        .map(({ mark }) => mark);
    }),
    notSetAside: safe('malformed').flatMap((delivery) =>
      delivery.marks.filter((mark) => !letters.some((letter) => letter.includes(mark))),
    ),
    letThrough: safe('forbidden').flatMap((delivery) => delivery.marks),
  };
}

export const innocence: SenderVerdict = {
  lost: [],
  forbidden: [],
  alien: [],
  reordered: [],
  notSetAside: [],
  letThrough: [],
};
