import { BridgeError } from '../src/core/errors.ts';
import type { Delivery, Routed } from '../src/core/sink.ts';
import type { AnySinkType } from '../src/core/sink-type.ts';
import type { Word } from './words.ts';

/** The first event of each batch. A topic of the demo is named like its feed. */
function batchesIn(items: readonly Routed[]): readonly { readonly feed: string; readonly batchId: string }[] {
  const batches = new Map<string, { feed: string; batchId: string }>();
  for (const { destination: feed, envelope } of items) {
    const batchId = envelope.attributes['batchid'] ?? '';
    batches.set(`${feed}/${batchId}`, { feed, batchId });
  }
  return [...batches.values()];
}

/** The same sink, which takes nothing while `refusing` says so, and says which batches it is offered. */
export function refusingSinkType(
  sinkType: AnySinkType,
  refusing: () => boolean,
  say: (word: Word) => void,
): AnySinkType {
  return {
    ...sinkType,
    async open(broker, destination, context) {
      const sink = await sinkType.open(broker, destination, context);
      return {
        ...sink,
        async publish(items, signal): Promise<readonly Delivery[]> {
          const refused = refusing();
          for (const batch of batchesIn(items)) say({ word: refused ? 'refused' : 'published', ...batch });
          if (!refused) return sink.publish(items, signal);
          const error = new BridgeError('LOG_UNWRITABLE', 'the sink of the demo takes nothing for a while');
          return items.map(() => ({ status: 'failed', error }));
        },
      };
    },
  };
}
