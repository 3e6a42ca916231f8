import type { DeadLetter } from '../../../src/core/dead-letter.ts';
import { sha256hex } from '../../../src/core/digest.ts';
import type { RegistrationRecord } from '../../../src/core/registration.ts';
import type { NewRequest } from '../../../src/core/requests.ts';
import type { LedgerEntry, LedgerPart } from '../../../src/core/state.ts';

type Entered = Omit<LedgerEntry, 'completedAt'>;

export const noon = new Date('2026-11-22T12:00:00.000Z');

/** `seconds` after noon. */
export function later(seconds: number): Date {
  return new Date(noon.getTime() + seconds * 1_000);
}

export function sampleEntry(changes: Partial<Entered> = {}): Entered {
  return {
    feed: 'fenergo/journey',
    batchId: '1642925639481',
    digest: sha256hex(Buffer.from('a batch')),
    events: 10,
    whereabouts: 'fenergo.journey/0 @ 881-890',
    publishedAt: noon,
    ...changes,
  };
}

export function samplePart(changes: Partial<LedgerPart> = {}): LedgerPart {
  return { ...sampleEntry(), destination: '5b0e', whereabouts: 'kafka: fenergo.journey/0 @ 881-890', ...changes };
}

export function sampleLetter(changes: Partial<DeadLetter> = {}): DeadLetter {
  return {
    id: '12bed3b405d719b64e314ba3b1e0b39e',
    feed: 'fenergo/journey',
    status: 'open',
    source: '/fenergo/acme/journey',
    code: 'RECORD_WITHOUT_ID',
    reason: 'notification 3 of batch 1642925639481 has no id',
    stage: 'normalise',
    attempts: 1,
    batchId: '1642925639481',
    index: 3,
    record: {
      bytes: Uint8Array.from(Buffer.from('{"eventType":"journey:taskcompleted"}')),
      mediaType: 'application/json',
      headers: { 'content-type': 'application/json' },
      receivedAt: noon,
    },
    envelope: null,
    firstAt: noon,
    lastAt: noon,
    ...changes,
  };
}

export function sampleRegistration(): RegistrationRecord {
  return {
    feed: 'os1/callbacks',
    status: 'registered',
    id: 'w-2',
    formerId: 'w-1',
    fingerprint: 'b'.repeat(32),
    changedAt: noon,
  };
}

/** Stalls a minute after noon. */
export function sampleRequest(changes: Partial<NewRequest> = {}): NewRequest {
  return {
    id: 'a'.repeat(32),
    feed: 'os1/callbacks',
    source: '/os1/acme',
    correlationId: 'order-7',
    callerReference: 'crm',
    at: noon,
    stallsAt: later(60),
    publishes: false,
    ...changes,
  };
}
