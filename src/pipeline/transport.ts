import { type RawRecord, receivedMark, traceMark } from '../core/record.ts';
import type { NormalisedBatch } from './normalise.ts';

/** Lets events know how their records came, where these say so. */
export function withTransport(normalised: NormalisedBatch, recordAt: (index: number) => RawRecord | undefined) {
  const events = normalised.events.map((event) => {
    const { [receivedMark]: received, [traceMark]: traceparent } = recordAt(event.index)?.headers ?? {};
    if (received === undefined && traceparent === undefined) return event;
    return { ...event, envelope: { ...event.envelope, transport: { received, traceparent } } };
  });
  return { ...normalised, events };
}
