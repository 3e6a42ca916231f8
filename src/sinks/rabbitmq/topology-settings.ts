import { z } from 'zod';
import { template } from '../template.ts';

interface Wanted {
  readonly type: 'topic' | 'direct' | 'fanout';
  readonly queue?: string | undefined;
  readonly queueType?: string | undefined;
  readonly bindingKey?: string | undefined;
}

function refuseHalfTopology(context: z.core.ParsePayload<Wanted>): void {
  const { type, queue, queueType, bindingKey } = context.value;
  const refuse = (key: string, message: string) =>
    context.issues.push({ code: 'custom', path: [key], message, input: undefined });
  if (queue === undefined) {
    if (queueType !== undefined) refuse('queueType', 'is for a queue: name one under queue, or remove it');
    if (bindingKey !== undefined) refuse('bindingKey', 'binds a queue: name one under queue, or remove it');
  } else if (type === 'fanout' && bindingKey !== undefined) {
    refuse('bindingKey', 'a fanout exchange goes by no key: remove it, or choose type: topic');
  } else if (type === 'direct' && bindingKey === undefined) {
    refuse('bindingKey', 'expected one, as a direct exchange takes no "#" for every key: often the same as routingKey');
  }
}

/** What stands under `to.topology`. */
export const topologySettings = z
  .strictObject({
    mode: z
      .enum(['verify', 'declare'])
      .describe(
        'verify: look whether exchange and queue are there, and halt the feed when not. declare: create what is missing. Both before the first event of each connection.',
      ),
    type: z
      .enum(['topic', 'direct', 'fanout'])
      .default('topic')
      .describe('Type of the exchange, which survives a restart of the broker.'),
    queue: template()
      .optional()
      .describe(
        'Queue bound to the exchange, with the same placeholders; it survives a restart. Default: none of our concern.',
      ),
    queueType: z
      .enum(['quorum', 'classic'])
      .optional()
      .describe('quorum: on several machines, where there are any. classic: on one. Default: quorum.'),
    bindingKey: template()
      .optional()
      .describe(
        'Which routing keys the queue takes, with the same placeholders. Default: # (all) with a topic exchange.',
      ),
  })
  .check(refuseHalfTopology);

export type Topology = z.output<typeof topologySettings>;
