import type { CatalogueEntry } from './entry.ts';

export const upstreamErrors = {
  UPSTREAM_UNREACHABLE: {
    disposition: 'retryable',
    summary: 'No connection to the upstream, or it broke off.',
    runbook:
      'Check name resolution, network policy, proxy and TLS trust between the bridge and `baseUrl`. It goes on by itself.',
  },
  UPSTREAM_TIMEOUT: {
    disposition: 'retryable',
    summary: 'The upstream did not answer in time.',
    runbook:
      'Look at the upstream. Time-outs are settings of the pipeline; a request that timed out may have worked, and is checked.',
  },
  UPSTREAM_ERROR: {
    disposition: 'retryable',
    summary: 'The upstream answered with a server error.',
    runbook: 'Look at the upstream. The bridge retries with back-off and honours Retry-After.',
  },
  UPSTREAM_RATE_LIMITED: {
    disposition: 'retryable',
    summary: 'The upstream asks for fewer requests.',
    runbook: 'The bridge waits as told, at most 15 minutes. If it lasts, poll less often or ask for a larger quota.',
  },
  UPSTREAM_NOT_FOUND: {
    disposition: 'fatal',
    summary: 'The upstream does not know this feed.',
    runbook: 'Check `baseUrl`, the feed name and the tenant header. Only this feed is halted.',
  },
  UPSTREAM_REFUSED: {
    disposition: 'fatal',
    summary: 'The upstream refuses the request itself.',
    runbook: 'The status and the beginning of the answer are in the message. Usually a header or a parameter is wrong.',
  },
  AUTH_REFUSED: {
    disposition: 'retryable',
    summary: 'The upstream does not accept the credentials.',
    runbook:
      'Check the credentials under `auth` of the pipeline, and the rights of the account. The bridge tries again with growing pauses of up to 45 seconds; nothing moves meanwhile.',
  },
  TOKEN_UNAVAILABLE: {
    disposition: 'retryable',
    summary: 'The token endpoint gave no usable access token.',
    runbook: 'Check tokenUrl, client id, client secret and scope with the team that runs the identity provider.',
  },
  RESPONSE_TOO_LARGE: {
    disposition: 'fatal',
    summary: 'An answer of the upstream is larger than the limit.',
    runbook: 'Raise `maxResponse` of the pipeline if the answer is legitimate; memory use grows with it.',
  },
  BATCH_MALFORMED: {
    disposition: 'retryable',
    summary: 'A batch does not parse as a whole.',
    runbook:
      'Truncated or garbled in transit, it gets through on a later try. If it stays so, the feed halts with BATCH_UNREADABLE.',
  },
  BATCH_UNREADABLE: {
    disposition: 'fatal',
    summary: 'The same batch did not parse ten times over ten minutes.',
    runbook:
      'Nothing was completed. Tell the upstream, or move the batch out of the way: `feedferry set-aside PIPELINE/FEED` keeps its bytes as a dead letter and completes it.',
  },
  COMPLETE_UNCONFIRMED: {
    disposition: 'retryable',
    summary: 'Whether a complete worked is not known.',
    runbook: 'Nothing to do: the next batch that the upstream hands out decides, and nothing is published twice.',
  },
  COMPLETE_REFUSED: {
    disposition: 'fatal',
    summary: 'The upstream keeps refusing to complete a batch that is published.',
    runbook: 'Nothing is lost. Check `baseUrl` and who else polls this feed, then `feedferry resume PIPELINE/FEED`.',
  },
  FOREIGN_COMPLETE: {
    disposition: 'retryable',
    summary: 'A batch was completed by somebody else before the bridge did.',
    runbook: 'Two pollers on one feed reorder and double events. Find the other one and stop one of them.',
  },
} as const satisfies Record<string, CatalogueEntry>;
