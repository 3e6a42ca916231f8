import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';
import { Secret } from '../../../src/core/secret.ts';
import { clientFor } from './support/clients.ts';
import { serveHttp } from './support/servers.ts';
import { grant, startTokenEndpoint } from './support/token-endpoint.ts';

test('leaves no listener on a long-lived signal and warns of none, over 2,000 requests', async () => {
  const warnings: string[] = [];
  const warn = (warning: Error) => warnings.push(warning.name);
  process.on('warning', warn);
  await using server = await serveHttp((_request, response) => response.end('ok'));
  await using endpoint = await startTokenEndpoint(grant({ expires_in: 3600 }));
  await using client = clientFor(server.url, {
    auth: { kind: 'oauth2', tokenUrl: endpoint.url, clientId: 'ferry', clientSecret: new Secret('s3cret') },
  });
  const { signal } = new AbortController();
  let most = 0;
  for (let round = 0; round < 20; round += 1) {
    const sent = Array.from({ length: 100 }, () => client.send({ method: 'GET', path: 'x' }, signal));
    await Promise.all(sent);
    most = Math.max(most, getEventListeners(signal, 'abort').length);
  }
  await new Promise(setImmediate);
  process.off('warning', warn);
  expect(most).toBe(0);
  expect(warnings).toEqual([]);
  expect(endpoint.requests).toHaveLength(1);
});
