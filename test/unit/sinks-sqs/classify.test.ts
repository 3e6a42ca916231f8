import * as sdk from '@aws-sdk/client-sqs';
import { describe, expect, test } from 'vitest';
import type { ErrorCode } from '../../../src/core/errors.ts';
import { classifyEntry, classifyRejection } from '../../../src/sinks/sqs/classify.ts';
import type { Failure } from '../../../src/sinks/sqs/client.ts';

/** As the library throws what SQS has answered. */
function answer(status: number, name: string, headers: Readonly<Record<string, string>> = {}): Error {
  const error = Object.assign(new Error('in words'), {
    $metadata: { httpStatusCode: status },
    $response: { statusCode: status, headers },
  });
  error.name = name;
  return error;
}

const told = ({ status, error }: Failure) => `${status} ${error.code}`;
const rejected = (thrown: unknown, loggedIn = true) => told(classifyRejection(thrown, 'send to orders', loggedIn));

const names: Readonly<Partial<Record<ErrorCode, readonly string[]>>> = {
  BROKER_UNAVAILABLE: [
    'RequestThrottled',
    'Throttling',
    'ThrottlingException',
    'TooManyRequestsException',
    'OverLimit',
    'KmsThrottled',
    'KMS.ThrottlingException',
    'InternalError',
    'InternalFailure',
    'ServiceUnavailable',
    'RequestTimeTooSkewed',
    'RequestExpired',
    'RequestInTheFuture',
  ],
  BROKER_CREDENTIALS_EXPIRED: ['ExpiredToken', 'ExpiredTokenException'],
  BROKER_AUTH_REFUSED: [
    'AuthFailure',
    'IncompleteSignature',
    'InvalidAccessKeyId',
    'InvalidClientTokenId',
    'InvalidSignatureException',
    'MissingAuthenticationToken',
    'MissingAuthenticationTokenException',
    'SignatureDoesNotMatch',
    'UnrecognizedClientException',
  ],
  BROKER_NOT_AUTHORISED: ['AccessDenied', 'AccessDeniedException', 'KmsAccessDenied', 'KMS.AccessDeniedException'],
  DESTINATION_MISSING: ['QueueDoesNotExist', 'AWS.SimpleQueueService.NonExistentQueue'],
  DESTINATION_UNWRITABLE: [
    'KmsDisabled',
    'KMS.DisabledException',
    'KmsInvalidState',
    'KMS.InvalidStateException',
    'KmsInvalidKeyUsage',
    'KMS.InvalidKeyUsageException',
    'KmsNotFound',
    'KMS.NotFoundException',
    'KmsOptInRequired',
    'KMS.OptInRequired',
  ],
  EVENT_TOO_LARGE: ['BatchRequestTooLong', 'AWS.SimpleQueueService.BatchRequestTooLong', 'RequestEntityTooLarge'],
  EVENT_REFUSED: ['InvalidMessageContents', 'InvalidParameterValue', 'InvalidAttributeValue', 'MissingParameter'],
};
const byName = Object.entries(names).flatMap(([code, all]) => all.map((name) => [name, code] as const));

describe('an answer to a request as a whole', () => {
  test.each(byName)('%s is %s, whatever its status', (name, code) => {
    expect([400, 403, 503].map((status) => rejected(answer(status, name)))).toEqual(Array(3).fill(`refused ${code}`));
    if (!name.includes('.')) expect(rejected(answer(400, `com.amazonaws.sqs#${name}`))).toBe(`refused ${code}`);
    expect(rejected(answer(500, name))).toBe(`unknown ${code}`);
  });

  test.each([
    // The rest of the answer did not come.
    [200, 'unknown BROKER_UNREACHABLE'],
    [400, 'refused DESTINATION_UNWRITABLE'],
    [401, 'refused BROKER_NOT_AUTHORISED'],
    [403, 'refused BROKER_NOT_AUTHORISED'],
    [404, 'refused DESTINATION_MISSING'],
    [408, 'refused BROKER_UNAVAILABLE'],
    [413, 'refused EVENT_TOO_LARGE'],
    [429, 'refused BROKER_UNAVAILABLE'],
    [500, 'unknown BROKER_UNAVAILABLE'],
    [502, 'unknown BROKER_UNAVAILABLE'],
    [503, 'refused BROKER_UNAVAILABLE'],
    [504, 'unknown BROKER_UNAVAILABLE'],
  ])('with a name that nobody has heard of goes by its status: %d is %s', (status, expected) => {
    expect(rejected(answer(status, 'SomethingNew'))).toBe(expected);
    expect(rejected(answer(status, ''))).toBe(expected);
  });

  test('has a verdict for each error that the library knows of a message; what is left stops the feed, visibly', () => {
    const errors = Object.entries(sdk).flatMap(([name, one]) =>
      typeof one === 'function' && one.prototype instanceof sdk.SQSServiceException ? name : [],
    );
    const fatal = errors.filter((name) => rejected(answer(400, name)).endsWith('_UNWRITABLE'));
    expect(errors.length).toBeGreaterThan(25);
    expect(fatal.filter((name) => !name.startsWith('Kms')).toSorted()).toEqual([
      'BatchEntryIdsNotDistinct',
      'EmptyBatchRequest',
      'InvalidAddress',
      'InvalidAttributeName',
      'InvalidBatchEntryId',
      'InvalidIdFormat',
      'InvalidSecurity',
      'MessageNotInflight',
      'PurgeQueueInProgress',
      'QueueDeletedRecently',
      'QueueNameExists',
      'ReceiptHandleIsInvalid',
      'ResourceNotFoundException',
      'TooManyEntriesInBatchRequest',
      'UnsupportedOperation',
    ]);
  });

  test.each([
    [503, 'ServiceUnavailable', 7_000],
    [429, 'SomethingNew', 7_000],
    [400, 'RequestThrottled', 7_000],
    [400, 'KmsDisabled', undefined],
    [403, 'AccessDenied', undefined],
    [403, 'ExpiredToken', undefined],
  ])('of %d %s says how long SQS asks to wait, where waiting helps: %s', (status, name, ms) => {
    const { error } = classifyRejection(answer(status, name, { 'retry-after': '7' }), 'send to orders', true);
    expect(error.retryAfterMs).toBe(ms);
  });

  test('says nothing of what a refused signature repeats', () => {
    for (const name of ['InvalidSignatureException', 'ExpiredTokenException']) {
      expect(classifyRejection(answer(403, name), 'send to orders', true).error.message).not.toContain('in words');
    }
  });
});

describe('no answer', () => {
  const failing = (fields: object, name = 'Error') => Object.assign(new Error('in words'), { name }, fields);

  test.each([
    [{ code: 'ECONNREFUSED', syscall: 'connect' }, 'refused BROKER_UNREACHABLE'],
    [{ code: 'ENOTFOUND', syscall: 'getaddrinfo' }, 'refused BROKER_UNREACHABLE'],
    [{ code: 'ECONNRESET', syscall: 'read' }, 'unknown BROKER_UNREACHABLE'],
    [{ code: 'EPIPE', syscall: 'write' }, 'unknown BROKER_UNREACHABLE'],
    [{ code: 'CERT_HAS_EXPIRED' }, 'refused BROKER_TLS_REFUSED'],
    [{ code: 'SELF_SIGNED_CERT_IN_CHAIN' }, 'refused BROKER_TLS_REFUSED'],
    [{}, 'unknown BROKER_UNREACHABLE'],
  ])('%j is %s', (fields, expected) => {
    expect(rejected(failing(fields))).toBe(expected);
  });

  test('from any of several addresses is told by the first', () => {
    const errors = ['::1', '127.0.0.1'].map((address) =>
      failing({ code: 'ECONNREFUSED', syscall: 'connect', address }),
    );
    expect(rejected(new AggregateError(errors))).toBe('refused BROKER_UNREACHABLE');
  });

  test('for want of credentials passes where there were some before', () => {
    const wanting = failing({}, 'CredentialsProviderError');
    expect([rejected(wanting, true), rejected(wanting, false)]).toEqual([
      'refused BROKER_CREDENTIALS_EXPIRED',
      'refused BROKER_AUTH_REFUSED',
    ]);
  });

  test.each([['text'], [null], [undefined], [7], [{}]])('%j that is thrown has a verdict too', (thrown) => {
    expect(rejected(thrown)).toBe('unknown BROKER_UNREACHABLE');
  });
});

describe('the answer to one message of a request', () => {
  const entry = (Code: string | undefined, SenderFault: boolean) =>
    told(classifyEntry({ Id: '0', Code, SenderFault, Message: 'in words' }));

  test.each(byName)('%s is %s, whoever is said to be at fault', (name, code) => {
    expect([entry(name, true), entry(name, false)]).toEqual([`refused ${code}`, `refused ${code}`]);
  });

  test.each([
    ['SomethingNew', true, 'refused EVENT_REFUSED'],
    ['SomethingNew', false, 'refused BROKER_UNAVAILABLE'],
    ['', true, 'refused EVENT_REFUSED'],
    [undefined, false, 'refused BROKER_UNAVAILABLE'],
  ])('%s with SenderFault %s is %s', (name, senderFault, expected) => {
    expect(entry(name, senderFault)).toBe(expected);
  });
});
