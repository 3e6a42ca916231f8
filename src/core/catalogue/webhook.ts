import type { CatalogueEntry } from './entry.ts';

export const webhookErrors = {
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
} as const satisfies Record<string, CatalogueEntry>;
