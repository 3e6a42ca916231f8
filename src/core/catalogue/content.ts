import type { CatalogueEntry } from './entry.ts';

export const contentErrors = {
  CONTENT_GONE: {
    disposition: 'poison',
    summary: 'The upstream has not, or no more, the content that an event speaks of.',
    runbook:
      'Compare `path` under `download` with what the upstream documents. If the content can be had after all, redrive the dead letter: it is fetched again then.',
  },
  CONTENT_TOO_LARGE: {
    disposition: 'poison',
    summary: 'A content is larger than the limit. What had come of it was thrown away.',
    runbook: 'Raise `maxBytes` of the content under `download` if it is legitimate, and redrive the dead letter.',
  },
  CONTENT_TYPE_WRONG: {
    disposition: 'poison',
    summary: 'A content is of another media type than what is expected.',
    runbook:
      'Often a page of a proxy, or of a login. If the type is right, add it to `mediaTypes` of the content, and redrive the dead letter.',
  },
  CONTENT_MALFORMED: {
    disposition: 'poison',
    summary: 'A content that should be JSON is none.',
    runbook: 'Tell the upstream; redrive the dead letter when it can be fetched again.',
  },
  CONTENT_REFUSED: {
    disposition: 'poison',
    summary: 'The upstream refuses to give a content.',
    runbook:
      'The status and the beginning of the answer are in the reason. Look at the rights of the account, and at `path` under `download`; then redrive the dead letter.',
  },
  CONTENT_UNAVAILABLE: {
    disposition: 'poison',
    summary: 'A content could not be fetched for as long as `retryFor` allows.',
    runbook: 'The reason has the last failure. When the upstream works again, redrive the dead letters.',
  },
  CLAIMS_UNWRITABLE: {
    disposition: 'retryable',
    summary: 'The store for contents cannot be written.',
    runbook:
      'Check free space and permissions of its directory, or rights and network of its bucket. Events wait meanwhile, in the spool or upstream.',
  },
  CLAIMS_FULL: {
    disposition: 'retryable',
    summary: 'The store for contents has reached its `maxBytes` with what is younger than an hour.',
    runbook:
      'Raise `maxBytes` of the store, or see why so much comes at once. Older contents are deleted to make room; events wait meanwhile.',
  },
} as const satisfies Record<string, CatalogueEntry>;
