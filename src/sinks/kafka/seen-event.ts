import { readStructured, type SeenEvent } from '../sighting.ts';

/** A record as far as it is needed to see what event it is. */
export interface SeenRecord {
  readonly value: Buffer | null;
  readonly headers: readonly (readonly [Buffer | null, Buffer | null])[];
}

/** Reads either mode of the Kafka protocol binding, whatever the settings were. Undefined: it is no event. */
export function seenEvent({ value, headers }: SeenRecord): SeenEvent | undefined {
  const named = (name: string) => headers.find(([key]) => key?.toString() === name)?.[1]?.toString();
  if (/^application\/cloudevents\+json/i.test(named('content-type') ?? ''))
    return value ? readStructured(value) : undefined;
  const id = named('ce_id');
  return id === undefined ? undefined : { id, source: named('ce_source') };
}
