import { type FenergoFeed, feedNames } from '../feeds.ts';
import { eventKinds } from './event-kinds.ts';
import { hex8, mix } from './mix.ts';

/** How events of a run look; `at` and `eventBytes` as in FillCommand. */
export interface EventLook {
  readonly at: number;
  readonly eventBytes: number;
}

/** Makes the events of one feed. Each depends on seed, feed and its sequence number (from 1) alone. */
export interface EventMaker {
  idOf(sequence: number): string;
  /** One notification as JSON. `payload.Sequence` is the sequence number. */
  render(sequence: number, look: EventLook): string;
}

const uuidTails = ['5a2e-8f31', '4c77-9b02', '4d19-a6e4', '41fb-b85d', '4e60-8d9c'] as const;
/** As many entities take turns in a feed. */
const entities = 500;

export function createEventMaker(feed: FenergoFeed, seed: number, tenantId: string): EventMaker {
  const feedHex = (0xa000 + feedNames.indexOf(feed)).toString(16);
  const seedHex = hex8(mix(seed));
  const kinds = eventKinds[feed];
  const [idTail, entityTail, partTail, causeTail, flowTail] = uuidTails.map(
    (tail) => `-${feedHex}-${tail}-${seedHex}${feedHex}`,
  );
  const idOf = (sequence: number): string => `${hex8(mix(sequence))}${idTail}`;

  function render(sequence: number, { at, eventBytes }: EventLook): string {
    const shuffled = mix(sequence);
    const kind = kinds[shuffled % kinds.length] ?? kinds[0];
    if (kind === undefined) throw new RangeError(`feed ${feed} has no kinds of events`);
    const entity = `${hex8(mix(sequence % entities))}${entityTail}`;
    const part = `${hex8(shuffled ^ seed)}${partTail}`;
    // 7 fraction digits, as upstream has them.
    const when = `${new Date(at).toISOString().slice(0, -1)}${String(1_000 + (shuffled % 9_000))}+00:00`;
    const head =
      `{"id":"${idOf(sequence)}","eventType":"${kind.eventType}","when":"${when}","tenantId":"${tenantId}"` +
      `,"causationId":"${hex8(shuffled >>> 3)}${causeTail}","correlationId":"${hex8(mix(sequence >> 2))}${flowTail}"` +
      `,"relativeUrl":"${kind.url(entity, part)}","payload":{${kind.payload(entity, part)},"Sequence":${sequence}`;
    const missing = eventBytes - head.length - 13;
    return missing > 0 ? `${head},"Notes":"${'n'.repeat(missing)}"}}` : `${head}}}`;
  }

  return { idOf, render };
}
