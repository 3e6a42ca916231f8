import type { CatalogueEntry } from './entry.ts';

export const streamErrors = {
  STREAM_UNFIT: {
    disposition: 'retryable',
    summary: 'What the upstream answers is no event stream.',
    runbook:
      'The media type and the beginning of the answer are in the message. Often a proxy or a login page stands in between. It goes on by itself.',
  },
  STREAM_ENDED: {
    disposition: 'retryable',
    summary: 'The upstream has ended its event stream, or was silent for too long.',
    runbook:
      'The bridge connects again, and tells of the gap. If it lasts, look at time-outs of proxies in between, and at `idleTimeout`.',
  },
  STREAM_EVENT_TOO_LARGE: {
    disposition: 'poison',
    summary: 'An event of a stream is larger than the limit.',
    runbook:
      'The dead letter has its beginning alone; the connection was dropped. Raise `maxEvent` of the pipeline if such events are legitimate; memory use grows with it.',
  },
} as const satisfies Record<string, CatalogueEntry>;
