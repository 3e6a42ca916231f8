import { expect, test } from 'vitest';
import { tlsFailure } from '../../../src/sinks/kafka/tls-failure.ts';

test.each([
  ['SELF_SIGNED_CERT_IN_CHAIN', 'tls.ca'],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'tls.ca'],
  ['CERT_HAS_EXPIRED', 'Renew'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'bootstrap'],
  ['ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', 'tls.cert'],
  ['ERR_SSL_SSL/TLS_ALERT_BAD_CERTIFICATE', 'tls.cert'],
  ['ERR_SSL_TLSV1_ALERT_UNKNOWN_CA', 'tls.cert'],
  ['ERR_SSL_WRONG_VERSION_NUMBER', 'port'],
])('%s is told with what to do', (code, advice) => {
  expect(tlsFailure(code)?.hint).toContain(advice);
});

test.each(['ECONNREFUSED', 'ECONNRESET', 'PLT_KFK_NETWORK', undefined, 7])('%s is none of TLS', (code) => {
  expect(tlsFailure(code)).toBeUndefined();
});
