import { z } from 'zod';
import { BridgeError } from '../../src/core/errors.ts';
import type { Jobs } from '../../src/core/requests.ts';
import { endpointSettings, toEndpoint } from '../../src/kit/endpoint-settings.ts';
import { toEventType } from '../../src/kit/event-type.ts';
import { pointerSetting, readAnswer, requestIdOf, withValues } from '../../src/kit/job-settings.ts';
import { knownStatuses } from './status.ts';

/** Session requests through the bridge, which puts its webhook in. */
export const sessionRequestSettings = z.strictObject({
  ...endpointSettings,
  webhook: pointerSetting
    .default('/webhookUrl')
    .describe('Where the body of a POST has the URL of the webhook: the bridge puts it there.'),
  chosen: pointerSetting
    .default('/webhookStatuses')
    .describe('Where it has the list of statuses that are sent: the bridge puts `statuses` there.'),
  statuses: z
    .array(z.string().min(1).max(100))
    .refine((statuses) => statuses.includes('AllDone'), 'expected AllDone among them: without it no session has an end')
    .default([...knownStatuses])
    .describe('Which statuses are sent. Without Failed, a session that fails is only ever stalled.'),
  sessionId: pointerSetting.default('/sessionId').describe('Where the answer to a POST has the id of the session.'),
});

interface SessionSettings {
  readonly typePrefix: string;
  readonly stalledAfter: number;
  readonly requests?: z.output<typeof sessionRequestSettings> | undefined;
}

/** Every session is a job, also those that were not requested through the bridge. */
export function sessionJobs({ typePrefix, stalledAfter, requests }: SessionSettings): Jobs {
  const ends = [toEventType(typePrefix, 'AllDone'), toEventType(typePrefix, 'Failed')];
  return {
    tie: ({ attributes }, headers) => ({ requestId: requestIdOf(headers), upstreamId: attributes.subject }),
    isTerminal: ({ attributes }) => ends.includes(attributes.type),
    stalledMs: stalledAfter,
    watchesAll: true,
    ...(requests && {
      requests: {
        endpoint: toEndpoint(requests),
        callsBack: true,
        prepare(request, { callback }) {
          if (request.method !== 'POST') return undefined;
          if (callback === undefined) throw new BridgeError('REQUEST_UNFIT', 'not sent: there is no webhook');
          return withValues(request, { [requests.webhook]: callback, [requests.chosen]: requests.statuses });
        },
        upstreamId: (response) => readAnswer(response, requests.sessionId),
      },
    }),
  };
}
