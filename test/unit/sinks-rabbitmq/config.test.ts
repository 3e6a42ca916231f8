import { describe, expect, it } from 'vitest';
import { rabbitmqBroker, rabbitmqDestination, refuseRabbitmqSettings } from '../../../src/sinks/rabbitmq/config.ts';
import { hostOf, vhostOf } from '../../../src/sinks/rabbitmq/url.ts';

const login = { type: 'rabbitmq', username: 'ferry', password: 'word' };
const pem = '-----BEGIN CERTIFICATE-----';

describe('the settings of a RabbitMQ broker', () => {
  it.each([
    ['amqps://rabbit/prod', { protocol: 'amqps', hostname: 'rabbit', port: 5671 }, 'prod'],
    ['amqp://rabbit:5673', { protocol: 'amqp', hostname: 'rabbit', port: 5673 }, '/'],
    ['amqp://[::1]:5672/a%2Fb', { protocol: 'amqp', hostname: '::1', port: 5672 }, 'a/b'],
  ])('%s names a host and a virtual host', (url, host, vhost) => {
    expect(rabbitmqBroker.parse({ ...login, url }).url).toBe(url);
    expect(hostOf(url)).toMatchObject(host);
    expect(vhostOf(hostOf(url))).toBe(vhost);
  });

  it.each([
    'rabbit:5672',
    'http://rabbit',
    'amqp:///prod',
    'amqps://rabbit/a/b',
    'amqps://rabbit/100%',
    'amqps://rabbit/prod?heartbeat=1',
    'amqps://ferry:hunter2@rabbit/prod',
  ])('%s is refused, without giving any of it away', (url) => {
    const { error } = rabbitmqBroker.safeParse({ ...login, url });
    expect(error?.issues).toHaveLength(1);
    expect(JSON.stringify(error)).not.toContain('hunter2');
  });

  it.each([
    ['a name without a password', { type: 'rabbitmq', url: 'amqps://rabbit', username: 'ferry' }],
    ['nobody', { type: 'rabbitmq', url: 'amqps://rabbit' }],
    ['trust for a connection that is not encrypted', { ...login, url: 'amqp://rabbit', tls: { ca: pem } }],
    ['no host', { ...login, url: [] }],
  ])('%s is refused', (_, broker) => {
    expect(rabbitmqBroker.safeParse(broker).success).toBe(false);
  });

  it.each([
    ['a password in the address', { ...login, management: 'https://ferry:hunter2@rabbit:15671' }],
    ['another protocol', { ...login, management: 'amqps://rabbit' }],
    ['half a login', { ...login, management: { url: 'https://rabbit', username: 'hunter2' } }],
    ['no login at all', { type: 'rabbitmq', tls: { cert: pem, key: pem }, management: 'https://rabbit' }],
  ])('management: %s is refused, without giving any of it away', (_, broker) => {
    const { error } = rabbitmqBroker.safeParse({ url: 'amqps://rabbit', ...broker });
    expect(JSON.stringify(error?.issues)).toContain('management');
    expect(JSON.stringify(error)).not.toContain('hunter2');
  });

  it.each([
    ['with the login of the broker', { ...login, management: 'https://rabbit:15671' }],
    ['with one of its own', { ...login, management: { url: 'https://rabbit', username: 'a', password: 'b' } }],
  ])('management %s', (_, broker) => {
    expect(rabbitmqBroker.safeParse({ url: 'amqps://rabbit', ...broker }).error).toBeUndefined();
  });

  it('a certificate is login enough', () => {
    const tls = { cert: pem, key: pem };
    expect(rabbitmqBroker.safeParse({ type: 'rabbitmq', url: 'amqps://rabbit', tls }).success).toBe(true);
  });
});

describe('the settings of a destination in RabbitMQ', () => {
  it('a prefix for headers is refused where there are none', () => {
    const broker = rabbitmqBroker.parse({ ...login, url: 'amqps://rabbit' });
    const to = { broker: 'rabbit', exchange: 'events', headerPrefix: 'ce-' };
    const refusals = (mode: string) => refuseRabbitmqSettings(broker, rabbitmqDestination.parse({ ...to, mode }));
    expect(refusals('binary')).toEqual([]);
    expect(refusals('structured')).toMatchObject([{ key: 'headerPrefix' }]);
  });

  const withTopology = (topology: object) =>
    rabbitmqDestination.safeParse({ broker: 'rabbit', exchange: 'events', topology });

  it.each([
    { mode: 'verify' },
    { mode: 'verify', queue: 'os1' },
    { mode: 'declare', queue: 'os1-{feed}' },
    { mode: 'declare', type: 'direct', queue: 'os1', bindingKey: '{feed}' },
    { mode: 'declare', type: 'fanout', queue: 'os1', queueType: 'classic' },
  ])('topology: %j', (topology) => {
    expect(withTopology(topology).error).toBeUndefined();
  });

  it.each([
    ['mode', {}],
    ['queueType', { mode: 'declare', queueType: 'classic' }],
    ['bindingKey', { mode: 'declare', bindingKey: '#' }],
    ['bindingKey', { mode: 'declare', type: 'direct', queue: 'os1' }],
    ['bindingKey', { mode: 'declare', type: 'fanout', queue: 'os1', bindingKey: '#' }],
    ['queue', { mode: 'declare', queue: 'os1-{' }],
  ])('%s is refused in topology: %j', (key, topology) => {
    expect(withTopology(topology).error?.issues).toMatchObject([{ path: ['topology', key] }]);
  });
});
