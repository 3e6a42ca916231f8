import { expect, test } from 'vitest';
import { givenRabbitmq } from '../../support/rabbitmq/given.ts';

test('without an address there is no broker', () => {
  expect(givenRabbitmq({})).toBeUndefined();
  expect(givenRabbitmq({ FEEDFERRY_TEST_RABBITMQ: '' })).toBeUndefined();
});

test('an address gives the login, and the management API beside it', () => {
  const address = 'amqp://ferry:p%40ss@rabbit.test:5673/%2F';
  expect(givenRabbitmq({ FEEDFERRY_TEST_RABBITMQ: address })).toMatchObject({
    url: 'amqp://rabbit.test:5673',
    management: 'http://rabbit.test:15672',
    username: 'ferry',
    password: 'p@ss',
  });
});

test('the management API may be elsewhere', () => {
  const environment = {
    FEEDFERRY_TEST_RABBITMQ: 'amqp://rabbit.test',
    FEEDFERRY_TEST_RABBITMQ_MANAGEMENT: 'http://other.test:1',
  };
  expect(givenRabbitmq(environment)).toMatchObject({ management: 'http://other.test:1', username: 'guest' });
});

test.each(['rabbit', 'amqp://rabbit.test/elsewhere'])('%s is refused', (address) => {
  expect(() => givenRabbitmq({ FEEDFERRY_TEST_RABBITMQ: address })).toThrow('FEEDFERRY_TEST_RABBITMQ');
});
