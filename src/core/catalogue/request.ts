import type { CatalogueEntry } from './entry.ts';

export const requestErrors = {
  CALLER_REFUSED: {
    disposition: 'retryable',
    summary: 'Whoever calls the listener for requests has no right to. Answered 401 or 403, and nothing is sent.',
    runbook:
      'Send the token under `listen.requests` as `Authorization: Bearer …`. Without a token only programs on the same machine are served.',
  },
  REQUEST_TARGET_UNKNOWN: {
    disposition: 'retryable',
    summary: 'No pipeline takes requests by this name. Answered 404, and nothing is sent.',
    runbook: 'Requests go to `/requests/PIPELINE/…`. The pipeline needs `from.requests`.',
  },
  REQUEST_PATH_REFUSED: {
    disposition: 'retryable',
    summary: 'The path of a request could lead out of the upstream’s base URL. Answered 400, and nothing is sent.',
    runbook:
      'Everything after `/requests/PIPELINE/` is put behind `baseUrl`, with no "." or ".." and no empty segment.',
  },
  REQUEST_UNFIT: {
    disposition: 'retryable',
    summary: 'What ties its events to it cannot be put into a request. Answered 422, and nothing is sent.',
    runbook: 'The message says why, and the README of the connector what a request has to be like.',
  },
  ANSWERS_FULL: {
    disposition: 'retryable',
    summary: 'Too many answers to requests wait to be published. Answered 503, and nothing is sent.',
    runbook:
      'The feed `answers` of the pipeline is paused or halted, or its destination is away: `/healthz` says which. Requests are taken again once it publishes.',
  },
} as const satisfies Record<string, CatalogueEntry>;
