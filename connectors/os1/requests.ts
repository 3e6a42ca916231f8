import { z } from 'zod';
import { BridgeError } from '../../src/core/errors.ts';
import type { Jobs } from '../../src/core/requests.ts';
import { endpointSettings, toEndpoint } from '../../src/kit/endpoint-settings.ts';
import { pointerSetting, requestIdOf, stalledAfter, withValues } from '../../src/kit/job-settings.ts';

/** Requests to OS1 through the bridge, which puts its callback URL in. */
export const os1RequestSettings = z.strictObject({
  ...endpointSettings,
  callback: pointerSetting
    .default('/callbackUrl')
    .describe('Where the body of a POST has the URL that OS1 calls: the bridge puts it there. OS1 documents no name.'),
  stalledAfter: stalledAfter.describe('A request is said to be stalled when it has no final callback after so long.'),
});

/** Each callback answers one request; the first one that is not pending is its last. */
export function os1Jobs(settings: z.output<typeof os1RequestSettings>): Jobs {
  return {
    tie: (_envelope, headers) => ({ requestId: requestIdOf(headers) }),
    isTerminal: ({ attributes }) => attributes.outcome !== 'pending',
    stalledMs: settings.stalledAfter,
    watchesAll: false,
    requests: {
      endpoint: toEndpoint(settings),
      callsBack: true,
      prepare(request, { callback }) {
        if (request.method !== 'POST') return undefined;
        if (callback === undefined) throw new BridgeError('REQUEST_UNFIT', 'not sent: there is no callback URL');
        return withValues(request, { [settings.callback]: callback });
      },
      upstreamId: () => undefined,
    },
  };
}
