import type { FeedName } from './batch.ts';
import { digestId } from './digest.ts';
import { createEnvelope, type Envelope } from './envelope.ts';
import type { BridgeEvent } from './requests.ts';

/** The event that tells consumers how a job goes, or of a gap. Equal bytes whenever it is said. */
export function bridgeEventEnvelope(event: BridgeEvent): Envelope {
  const { id, source, kind, at, facts } = event;
  if (kind === 'gap') return gapEnvelope(event);
  return createEnvelope(
    {
      specversion: '1.0',
      id,
      source: `/feedferry${source}`,
      type: `dev.feedferry.${kind}`,
      subject: facts['upstreamid'] ?? facts['requestid'],
      time: at.toISOString(),
      datacontenttype: 'application/json',
      partitionkey: facts['requestid'] ?? facts['upstreamid'] ?? source,
      correlationid: facts['correlationid'],
      callerref: facts['callerref'],
    },
    { kind: 'json', bytes: Buffer.from(JSON.stringify(facts)) },
  );
}

/** What is said of a time in which nothing was read of a stream. */
export function gapEvent(
  feed: FeedName,
  source: string,
  gap: { readonly from: Date; readonly to: Date; readonly reason: string; readonly reconciled: boolean },
): BridgeEvent {
  const [from, to] = [gap.from.toISOString(), gap.to.toISOString()];
  const facts = { from, to, reason: gap.reason, reconciled: String(gap.reconciled) };
  return { id: digestId(['gap', source, from]), feed, source, kind: 'gap', at: gap.from, facts };
}

function gapEnvelope({ id, source, at, facts }: BridgeEvent): Envelope {
  const { from, to, reason, reconciled } = facts;
  return createEnvelope(
    {
      specversion: '1.0',
      id,
      source: `/feedferry${source}`,
      type: 'dev.feedferry.gap',
      subject: source,
      time: at.toISOString(),
      datacontenttype: 'application/json',
      partitionkey: source,
    },
    { kind: 'json', bytes: Buffer.from(JSON.stringify({ from, to, reason, reconciled: reconciled === 'true' })) },
  );
}
