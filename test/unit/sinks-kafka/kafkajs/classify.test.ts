import { createRequire } from 'node:module';
import kafkajs, * as client from 'kafkajs';
import { describe, expect, test } from 'vitest';
import { BridgeError, type ErrorCode } from '../../../../src/core/errors.ts';
import { classify } from '../../../../src/sinks/kafka/kafkajs/classify.ts';

interface ProtocolCode {
  readonly type: string;
  readonly code: number;
  readonly retriable: boolean;
  readonly message: string;
}

/** The library's own table, from which it makes its errors. */
const protocol: {
  readonly errorCodes: readonly ProtocolCode[];
  createErrorFromCode(code: number): Error;
} = createRequire(import.meta.url)('kafkajs/src/protocol/error.js');

/** All that is not simply tried again. */
const special: Readonly<Record<string, ErrorCode>> = {
  UNKNOWN_TOPIC_OR_PARTITION: 'DESTINATION_MISSING',
  INVALID_TOPIC_EXCEPTION: 'DESTINATION_MISSING',
  TOPIC_AUTHORIZATION_FAILED: 'BROKER_NOT_AUTHORISED',
  CLUSTER_AUTHORIZATION_FAILED: 'BROKER_NOT_AUTHORISED',
  TRANSACTIONAL_ID_AUTHORIZATION_FAILED: 'BROKER_NOT_AUTHORISED',
  SASL_AUTHENTICATION_FAILED: 'BROKER_AUTH_REFUSED',
  UNSUPPORTED_SASL_MECHANISM: 'BROKER_AUTH_REFUSED',
  ILLEGAL_SASL_STATE: 'BROKER_AUTH_REFUSED',
  INVALID_PRODUCER_EPOCH: 'PRODUCER_FENCED',
  TRANSACTION_COORDINATOR_FENCED: 'PRODUCER_FENCED',
  INVALID_PRODUCER_ID_MAPPING: 'PRODUCER_FENCED',
  INVALID_TRANSACTION_TIMEOUT: 'TRANSACTION_TIME_REFUSED',
  MESSAGE_TOO_LARGE: 'EVENT_TOO_LARGE',
  RECORD_LIST_TOO_LARGE: 'EVENT_TOO_LARGE',
  INVALID_RECORD: 'EVENT_REFUSED',
  INVALID_TIMESTAMP: 'EVENT_REFUSED',
};

const exceeded = (error: Error) => new client.KafkaJSNumberOfRetriesExceeded(error, { retryCount: 0, retryTime: 0 });

describe('every error code of the protocol', () => {
  test('has its meaning, alone and nested', () => {
    expect(protocol.errorCodes.length).toBeGreaterThan(80);
    for (const { type, code } of protocol.errorCodes) {
      const error = protocol.createErrorFromCode(code);
      for (const thrown of [error, exceeded(error), new kafkajs.KafkaJSAggregateError('many', [exceeded(error)])]) {
        const found = classify(thrown, 'here');
        if (special[type]) expect(found.code, type).toBe(special[type]);
        else expect(found.disposition, type).toBe('retryable');
        expect(found.message).toContain(`here: ${type}: `);
      }
    }
  });

  test('one that the client does not know yet is tried again', () => {
    expect(classify(protocol.createErrorFromCode(9_999), 'here')).toMatchObject({ code: 'BROKER_UNAVAILABLE' });
  });
});

describe('every error class of the client', () => {
  const classes: Readonly<Record<string, ErrorCode>> = {
    KafkaJSSASLAuthenticationError: 'BROKER_AUTH_REFUSED',
    KafkaJSConnectionError: 'BROKER_UNREACHABLE',
    KafkaJSConnectionClosedError: 'BROKER_UNREACHABLE',
    KafkaJSRequestTimeoutError: 'BROKER_TIMEOUT',
    KafkaJSTimeout: 'BROKER_TIMEOUT',
    KafkaJSLockTimeout: 'BROKER_TIMEOUT',
  };
  const made = Object.entries(kafkajs as unknown as Record<string, unknown>).filter(([name]) =>
    /^KafkaJS.*(Error|Timeout|Exceeded|NotFound|NotLoaded|Implemented|Set|Required|Range|Assignment|Key|Violation)$/.test(
      name,
    ),
  );

  test('is tried', () => {
    expect(made.length).toBeGreaterThan(30);
  });

  test.each(made)('%s is classified', (name, Kind) => {
    const error: unknown = Reflect.construct(Kind as new () => Error, [
      name === 'KafkaJSDeleteTopicRecordsError' ? { partitions: [] } : 'no',
      name === 'KafkaJSAggregateError' ? [] : {},
    ]);
    expect(classify(error, 'here').code).toBe(classes[name] ?? 'BROKER_UNAVAILABLE');
  });

  test('a failure of TLS says what to do about it', () => {
    const error = new client.KafkaJSConnectionError('self-signed', { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
    expect(classify(error, 'here')).toMatchObject({ code: 'BROKER_TLS_REFUSED', hint: expect.stringContaining('ca') });
  });
});

test('an error that contains itself comes to an end', () => {
  const error = new kafkajs.KafkaJSAggregateError('a', []);
  error.errors.push(error);
  expect(classify(error, 'here').code).toBe('BROKER_UNAVAILABLE');
});

test.each([undefined, null, 'text', 42, new TypeError('x'), {}])('%o, thrown by whomever, is tried again', (thrown) => {
  expect(classify(thrown, 'here')).toMatchObject({ code: 'BROKER_UNAVAILABLE', disposition: 'retryable' });
});

test('our own errors pass, also from within those of the client', () => {
  const error = new BridgeError('TOKEN_UNAVAILABLE', 'none');
  expect(classify(error, 'here')).toBe(error);
  expect(classify(exceeded(error), 'here').code).toBe('TOKEN_UNAVAILABLE');
});
