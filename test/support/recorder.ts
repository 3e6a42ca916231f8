import type { Report, TelemetryEvent } from '../../src/telemetry/events.ts';

type Named<Name extends TelemetryEvent['event']> = Extract<TelemetryEvent, { event: Name }>;

/** Collects what the bridge says about itself, and lets a test wait for it. */
export interface Recorder {
  readonly report: Report;
  readonly events: readonly TelemetryEvent[];
  /** All of one name so far, in order. */
  of<Name extends TelemetryEvent['event']>(name: Name): readonly Named<Name>[];
  /** The `nth` of this name, from 1, as soon as it has been reported. */
  seen<Name extends TelemetryEvent['event']>(name: Name, nth?: number): Promise<Named<Name>>;
}

export function createRecorder(): Recorder {
  const events: TelemetryEvent[] = [];
  const waiting = new Set<() => void>();

  function of<Name extends TelemetryEvent['event']>(name: Name) {
    return events.filter((event): event is Named<Name> => event.event === name);
  }

  return {
    report(event) {
      events.push(event);
      for (const look of waiting) look();
    },
    events,
    of,
    seen(name, nth = 1) {
      const { promise, resolve } = Promise.withResolvers<Named<typeof name>>();
      const look = () => {
        const found = of(name)[nth - 1];
        if (found === undefined) return;
        waiting.delete(look);
        resolve(found);
      };
      waiting.add(look);
      look();
      return promise;
    },
  };
}
