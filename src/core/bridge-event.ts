import { createEnvelope, type Envelope } from './envelope.ts';
import type { BridgeEvent } from './requests.ts';

/** The event that tells consumers how a job goes. Equal bytes whenever it is said. */
export function bridgeEventEnvelope({ id, source, kind, at, facts }: BridgeEvent): Envelope {
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
