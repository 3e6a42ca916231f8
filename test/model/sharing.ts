import type { Delivery, Routed, Sink } from '../../src/core/sink.ts';
import type { Promises } from './promises.ts';

type Kind = 'usual' | 'troubled';

/** Watches who shares calls with whom: what goes to destinations in trouble has calls of its own, and no others. */
export interface Sharing {
  watched(sink: Sink): Sink;
}

export function watchSharing(room: Pick<Sink, 'maxOpenCalls'> & { spareCalls: number }, promises: Promises): Sharing {
  const troubled = new Set<string>();
  /** Their answer has just come: the publisher may have read it, or be about to. */
  const unsettled = new Set<string>();
  const open: Record<Kind, number> = { usual: 0, troubled: 0 };
  const most: Readonly<Record<Kind, number>> = { usual: room.maxOpenCalls, troubled: room.spareCalls };

  function kindOf(items: readonly Routed[]): Kind | undefined {
    const kinds = new Set<Kind>();
    for (const { destination } of items) {
      if (unsettled.has(destination)) return undefined;
      kinds.add(troubled.has(destination) ? 'troubled' : 'usual');
    }
    if (kinds.size > 1) promises.breach('destinations in trouble share a call with others');
    const [kind] = kinds;
    return kind;
  }

  function note(items: readonly Routed[], deliveries: readonly Delivery[]) {
    for (const [destination, ofOne] of Map.groupBy(items, (item) => item.destination)) {
      const taken = ofOne.every((item) => deliveries[items.indexOf(item)]?.status === 'confirmed');
      if (taken) troubled.delete(destination);
      else troubled.add(destination);
      unsettled.add(destination);
    }
    setImmediate(() => {
      for (const { destination } of items) unsettled.delete(destination);
    });
  }

  return {
    watched: (sink) => ({
      ...sink,
      async publish(items, signal) {
        const kind = room.spareCalls > 0 ? kindOf(items) : undefined;
        if (kind && ++open[kind] > most[kind]) promises.breach(`${open[kind]} ${kind} calls are open`);
        const deliveries = await sink.publish(items, signal);
        if (kind) open[kind]--;
        note(items, deliveries);
        return deliveries;
      },
    }),
  };
}
