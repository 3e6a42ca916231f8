import type { CatalogueEntry } from './entry.ts';

export const webhookErrors = {
  SENDER_UNVERIFIED: {
    disposition: 'fatal',
    summary: 'Nobody makes sure who sends webhooks: `verify` is `none`.',
    runbook:
      'A warning of `feedferry check`; the feed runs. Name a scheme under `verify`, or make sure that only the right sender reaches the path.',
  },
  EVENT_DISOWNED: {
    disposition: 'poison',
    summary: 'The upstream does not know what an event in its name speaks of.',
    runbook:
      'The reason has its answer. Either the sender was not the upstream, whose secret is then known to others: replace it; or `confirm.path` asks about the wrong thing: correct it, and redrive the dead letter.',
  },
  SIGNATURE_MISSING: {
    disposition: 'retryable',
    summary: 'A request came without the signature that `verify` asks for.',
    runbook:
      'The sender gets 401, and nothing is published. If it is the right sender: look at the name of the header under `verify`, and whether a proxy takes it away.',
  },
  SIGNATURE_WRONG: {
    disposition: 'retryable',
    summary: 'A request has a signature that no live key explains.',
    runbook:
      'The sender gets 401, and nothing is published. If it is the right sender: compare the keys under `verify`, what is signed and how it is encoded, and whether a proxy changes the body.',
  },
  SIGNATURE_EXPIRED: {
    disposition: 'retryable',
    summary: 'A request is rightly signed, but its timestamp is too far from now.',
    runbook:
      'The sender gets 401, and nothing is published. It is an old request that somebody sends again, or one of the two clocks is wrong. `verify.timestamp.tolerance` is how far they may differ.',
  },
  CREDENTIALS_MISSING: {
    disposition: 'retryable',
    summary: 'A request came without the password or token that `verify` asks for.',
    runbook: 'The sender gets 401, and nothing is published. Give it the credentials that stand under `verify`.',
  },
  CREDENTIALS_WRONG: {
    disposition: 'retryable',
    summary: 'A request has a password, token or secret path that is not a live one.',
    runbook:
      'The sender gets 401, and nothing is published. Compare its credentials with those under `verify`; while they are changed, list the old and the new one.',
  },
  CERTIFICATE_REFUSED: {
    disposition: 'retryable',
    summary: 'A request came without a client certificate, or with one that is not on the list.',
    runbook:
      'The sender gets 403, and nothing is published. Compare the fingerprint of its certificate with `verify.certificate`, and its authority with `listen.hooks.tls.clientCa`.',
  },
  ADDRESS_REFUSED: {
    disposition: 'retryable',
    summary: 'A request came from an address that is not on the list.',
    runbook:
      'The sender gets 403, and nothing is published. Add its addresses to `verify.addresses`; behind a proxy, name that one under `listen.hooks.trustedProxies`.',
  },
  REQUEST_UNREADABLE: {
    disposition: 'retryable',
    summary: 'A request broke off, or its compressed body is damaged. Answered 400.',
    runbook: 'Look at the sender, and at proxies between. Nothing was published; the sender sends it again.',
  },
  REQUEST_TOO_LARGE: {
    disposition: 'retryable',
    summary: 'The body of a request is larger than the limit. Answered 413.',
    runbook: 'Raise `maxBody` of the pipeline if such a body is legitimate; memory use grows with it.',
  },
  REQUEST_CODING_UNKNOWN: {
    disposition: 'retryable',
    summary: 'The body of a request has a content coding that the bridge cannot undo. Answered 415.',
    runbook: 'Have the sender use gzip, deflate or br, or none.',
  },
  REQUEST_TYPE_UNKNOWN: {
    disposition: 'retryable',
    summary: 'The body of a request is of a media type that the pipeline does not take. Answered 415.',
    runbook: 'The message names it. Have the sender use another one; the connector’s README says which are taken.',
  },
  REQUEST_TOO_OFTEN: {
    disposition: 'retryable',
    summary: 'A path is called more often than its `rate` allows. Answered 429.',
    runbook:
      'The sender is told when to come again. Raise `rate` if it is right to call so often; look at what it sends if it is not.',
  },
  REQUEST_METHOD_WRONG: {
    disposition: 'retryable',
    summary: 'A request has a method that the path does not take. Answered 405.',
    runbook: 'Events are sent with POST. Somebody may only be looking whether the path is there.',
  },
  HOOK_UNKNOWN: {
    disposition: 'retryable',
    summary: 'A request is for a path that no pipeline has. Answered 404.',
    runbook: 'Compare the URL at the sender with `from.path` of the pipelines, and with what proxies make of it.',
  },
  HOOK_CLOSED: {
    disposition: 'retryable',
    summary: 'The feed takes no requests right now: it is paused, halted, or being reloaded. Answered 503.',
    runbook: '`/healthz` says why. The sender sends again; nothing that was answered with success is lost.',
  },
  HOOK_OVERLOADED: {
    disposition: 'retryable',
    summary: 'More requests, or bytes, are in flight than the bounds of `listen.hooks` allow. Answered 503.',
    runbook:
      'Usually the destination is slow or away: look there first. Else raise `maxRequests` or `maxBytes`; memory use grows with them.',
  },
  ANSWER_TOO_LATE: {
    disposition: 'retryable',
    summary:
      'What a request brought was not safe within `answer.within`. Answered 503, or 507 where a disk was full until then.',
    runbook:
      'Look at the destination. The sender sends again; what had been sent to the broker by then may be published twice, with the same ids.',
  },
} as const satisfies Record<string, CatalogueEntry>;
