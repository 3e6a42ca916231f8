import { describe, it } from 'vitest';
import type { Source } from '../../../src/core/source.ts';
import { createWebhookSource } from '../../../src/sources/webhook/webhook-source.ts';
import { settleDown } from '../../conformance/source/reader.ts';
import { type SourceKind, sourceConformance } from '../../conformance/source.ts';
import { createRepeatingSender } from './repeating-sender.ts';

/** A sender has its answer a moment after an ack: this waits for it. */
function answering(source: Source): Source {
  return {
    ...source,
    async *batches(stop) {
      for await (const batch of source.batches(stop)) {
        yield {
          ...batch,
          async ack(signal) {
            await batch.ack(signal);
            await settleDown();
          },
        };
      }
    },
  };
}

/** What is acked is answered 2xx: of `ack: broker`, once the broker has confirmed. */
const sent: SourceKind = {
  neverFatal: true,
  async open() {
    const source = createWebhookSource({
      feed: 'sample/feed',
      bound: { batches: 100, bytes: 1024 ** 2 },
      report: () => {},
    });
    const sender = createRepeatingSender(source);
    return {
      source: answering(source),
      offer: sender.offer,
      acknowledged: sender.acknowledged,
      fail: (how) => sender.lose(how === 'briefly' ? 3 : Number.POSITIVE_INFINITY),
      mend: () => sender.lose(0),
      [Symbol.asyncDispose]: () => sender[Symbol.asyncDispose](),
    };
  },
};

describe('webhooks whose sender is answered at the ack keep the promises of a source', () => {
  for (const { name, run } of sourceConformance(sent)) it(name, run);
});
