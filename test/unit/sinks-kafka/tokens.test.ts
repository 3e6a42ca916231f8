import { expect, test } from 'vitest';
import type { TokenSettings } from '../../../src/core/token-source.ts';
import { kafkaBroker } from '../../../src/sinks/kafka/config.ts';
import { openBrokerTokens } from '../../../src/sinks/kafka/tokens.ts';

const context = { pipeline: 'test', brokerName: 'kafka', baseDir: '/' };
const oauth2 = { tokenUrl: 'https://id.example.com/token', clientId: 'ferry', clientSecret: 'x', scope: 'kafka' };
const parse = (settings: object) => kafkaBroker.parse({ type: 'kafka', bootstrap: ['kafka:9093'], ...settings });
const bearer = { mechanism: 'oauthbearer', oauth2 };

test('a token is fetched with the settings of the broker, also by the authority that it trusts', async () => {
  const asked: TokenSettings[] = [];
  const openTokens = (settings: TokenSettings) => {
    asked.push(settings);
    return { get: async () => 'token', drop: () => {} };
  };
  const ca = '-----BEGIN CERTIFICATE-----';
  const tokens = openBrokerTokens(parse({ tls: { ca }, sasl: bearer }), { ...context, openTokens });
  expect(await tokens?.get()).toBe('token');
  expect(asked).toMatchObject([{ tokenUrl: oauth2.tokenUrl, clientId: 'ferry', scope: 'kafka' }]);
  expect(asked[0]?.ca?.reveal()).toBe(ca);
});

test('a source that hangs is given up before the client library gives up the connection', async () => {
  const openTokens = () => ({ get: () => new Promise<string>(() => {}), drop: () => {} });
  const tokens = openBrokerTokens(parse({ confirmTimeout: '100ms', sasl: bearer }), { ...context, openTokens });
  await expect(tokens?.get()).rejects.toMatchObject({
    code: 'TOKEN_UNAVAILABLE',
    message: 'no access token within 40 ms',
  });
});

test('none are opened for a password', () => {
  const sasl = { mechanism: 'plain', username: 'ferry', password: 'x' };
  expect(openBrokerTokens(parse({ sasl }), context)).toBeUndefined();
});
