import * as client from '@platformatic/kafka';
import { describe, expect, test } from 'vitest';
import { BridgeError, type ErrorCode } from '../../../../src/core/errors.ts';
import { classify, classifyAnswer } from '../../../../src/sinks/kafka/platformatic/classify.ts';

/** All that is not simply tried again. */
const special: Readonly<Record<string, ErrorCode>> = {
  UNKNOWN_TOPIC_OR_PARTITION: 'DESTINATION_MISSING',
  UNKNOWN_TOPIC_ID: 'DESTINATION_MISSING',
  INVALID_TOPIC_EXCEPTION: 'DESTINATION_MISSING',
  TOPIC_AUTHORIZATION_FAILED: 'BROKER_NOT_AUTHORISED',
  CLUSTER_AUTHORIZATION_FAILED: 'BROKER_NOT_AUTHORISED',
  TRANSACTIONAL_ID_AUTHORIZATION_FAILED: 'BROKER_NOT_AUTHORISED',
  SASL_AUTHENTICATION_FAILED: 'BROKER_AUTH_REFUSED',
  UNSUPPORTED_SASL_MECHANISM: 'BROKER_AUTH_REFUSED',
  ILLEGAL_SASL_STATE: 'BROKER_AUTH_REFUSED',
  INVALID_PRODUCER_EPOCH: 'PRODUCER_FENCED',
  PRODUCER_FENCED: 'PRODUCER_FENCED',
  TRANSACTION_COORDINATOR_FENCED: 'PRODUCER_FENCED',
  INVALID_PRODUCER_ID_MAPPING: 'PRODUCER_FENCED',
  INVALID_TRANSACTION_TIMEOUT: 'TRANSACTION_TIME_REFUSED',
  MESSAGE_TOO_LARGE: 'EVENT_TOO_LARGE',
  RECORD_LIST_TOO_LARGE: 'EVENT_TOO_LARGE',
  INVALID_RECORD: 'EVENT_REFUSED',
  INVALID_TIMESTAMP: 'EVENT_REFUSED',
};

describe('every error code of the protocol', () => {
  test('has its meaning, alone and nested', () => {
    expect(Object.keys(client.protocolErrors).length).toBeGreaterThan(100);
    for (const { id, code } of Object.values(client.protocolErrors)) {
      const error = new client.ProtocolError(id);
      const nested = new client.MultipleErrors('a', [new client.MultipleErrors('b', [error])]);
      for (const found of [classify(error, 'here'), classify(nested, 'here'), classifyAnswer(code, null, 'here')]) {
        if (special[id]) expect(found.code, id).toBe(special[id]);
        else expect(found.disposition, id).toBe('retryable');
        expect(found.message).toBe(`here: ${id}`);
      }
    }
  });

  test('one that the client does not know yet is tried again', () => {
    expect(classifyAnswer(9_999, 'new', 'here')).toMatchObject({
      code: 'BROKER_UNAVAILABLE',
      message: 'here: error 9999: new',
    });
  });
});

describe('every error class of the client', () => {
  const classes = {
    AuthenticationError: 'BROKER_AUTH_REFUSED',
    NetworkError: 'BROKER_UNREACHABLE',
    TimeoutError: 'BROKER_TIMEOUT',
    UnexpectedCorrelationIdError: 'BROKER_UNAVAILABLE',
    UnfinishedWriteBufferError: 'BROKER_UNAVAILABLE',
    UnsupportedApiError: 'BROKER_UNAVAILABLE',
    UnsupportedCompressionError: 'BROKER_UNAVAILABLE',
    UnsupportedError: 'BROKER_UNAVAILABLE',
    UnsupportedFormatError: 'BROKER_UNAVAILABLE',
    SchemaValidationError: 'BROKER_UNAVAILABLE',
    UserError: 'BROKER_UNAVAILABLE',
    GenericError: 'BROKER_UNAVAILABLE',
    MultipleErrors: 'BROKER_UNAVAILABLE',
    ProtocolError: 'BROKER_UNAVAILABLE',
    ResponseError: 'BROKER_UNAVAILABLE',
  } as const;

  test('stands in the table', () => {
    const known = Object.keys(client).filter((name) => name.endsWith('Error') || name === 'MultipleErrors');
    expect(known.sort()).toEqual(Object.keys(classes).sort());
  });

  test.each([
    new client.AuthenticationError('no'),
    new client.NetworkError('no'),
    new client.TimeoutError('no'),
    new client.UserError('no'),
    new client.UnsupportedApiError('no'),
    new client.UnfinishedWriteBufferError('no'),
    new client.MultipleErrors('none', []),
  ])('$name $code is classified', (error) => {
    expect(classify(error, 'here').code).toBe(classes[error.constructor.name as keyof typeof classes]);
  });
});

describe('what is nested', () => {
  test('wrong credentials at one of several brokers count more than that others are down', () => {
    const refused = new client.NetworkError('connect', { cause: new client.AuthenticationError('no') });
    const down = new client.NetworkError('connect', { cause: Object.assign(new Error('x'), { code: 'ECONNREFUSED' }) });
    const error = new client.MultipleErrors('Cannot connect to any broker.', [down, refused]);
    expect(classify(error, 'here').code).toBe('BROKER_AUTH_REFUSED');
    expect(classify(down, 'here').message).toBe('here: connect (ECONNREFUSED)');
  });

  test('a connection that breaks off during the handshake is no refusal of credentials', () => {
    const handshake = new client.AuthenticationError('no mechanism', { cause: new client.NetworkError('closed') });
    expect(classify(new client.NetworkError('connect', { cause: handshake }), 'here').code).toBe('BROKER_UNREACHABLE');
  });

  test('an error that contains itself comes to an end', () => {
    const error = new client.MultipleErrors('a', []);
    error.errors.push(error);
    expect(classify(error, 'here').code).toBe('BROKER_UNAVAILABLE');
  });
});

test.each([undefined, null, 'text', 42, new TypeError('x'), {}])('%o, thrown by whomever, is tried again', (thrown) => {
  expect(classify(thrown, 'here')).toMatchObject({ code: 'BROKER_UNAVAILABLE', disposition: 'retryable' });
});

test('our own errors pass', () => {
  const error = new BridgeError('STOPPING', 'stop');
  expect(classify(error, 'here')).toBe(error);
});
