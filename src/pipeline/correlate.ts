import type { FeedName } from '../core/batch.ts';
import { createEnvelope } from '../core/envelope.ts';
import type { Jobs, Requests } from '../core/requests.ts';
import type { Step } from '../core/step.ts';

/**
 * Gives events the correlation id and the caller's reference of the request that they answer, where there was one. The
 * record, and what was made of it, stay as they are.
 */
export function correlateStep(feed: FeedName, { tie }: Jobs, requests: Pick<Requests, 'find'>): Step {
  return {
    name: 'correlate',
    async apply(envelope, { headers }) {
      const request = await requests.find(feed, tie(envelope, headers));
      if (request?.correlationId === undefined) return [{ kind: 'event', envelope }];
      const { correlationId: correlationid, callerReference: callerref } = request;
      const attributes = { ...envelope.attributes, correlationid, callerref };
      return [{ kind: 'event', envelope: createEnvelope(attributes, envelope.data) }];
    },
  };
}
