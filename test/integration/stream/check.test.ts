import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { connectors } from '../../../connectors/index.ts';
import { type StreamServer, startStreamServer } from '../../../connectors/sse/simulator/stream-server.ts';
import { checkStreams } from '../../../src/cli/check-streams.ts';
import { loadConfiguration } from '../../../src/config/load.ts';
import type { Finding } from '../../../src/core/finding.ts';
import { logSinkType } from '../../../src/sinks/log/index.ts';
import { closedPort } from '../../support/closed-port.ts';

const withinMs = 5_000;

let resources: AsyncDisposableStack;
let server: StreamServer;
beforeEach(async () => {
  resources = new AsyncDisposableStack();
  server = resources.use(
    await startStreamServer({
      path: '/events/client',
      authorized: ({ authorization = '' }) => /right$/.test(authorization),
    }),
  );
});
afterEach(() => resources.disposeAsync());

/** What check finds of a stream of Gini. */
async function checked(baseUrl: string, bearer = 'right', timeoutMs = withinMs): Promise<Finding | undefined> {
  const text = JSON.stringify({
    version: 1,
    brokers: { out: { type: 'log', dir: './events' } },
    pipelines: {
      gini: { from: { connector: 'gini', account: 'acme', baseUrl, auth: { bearer } }, to: { broker: 'out' } },
    },
  });
  const { configuration, findings } = await loadConfiguration({
    file: join(import.meta.dirname, 'feedferry.yaml'),
    text,
    connectors,
    sinkTypes: [logSinkType],
    env: {},
    readFile: async () => '',
  });
  if (configuration === undefined) throw new Error(JSON.stringify(findings));
  const [found] = await checkStreams(configuration, {}, timeoutMs);
  return found;
}

test('a stream that says nothing is one, and is let go of', async () => {
  expect(await checked(server.origin)).toEqual({
    severity: 'ok',
    subject: 'gini/documents',
    message: 'upstream answers with a stream',
  });
  await expect.poll(() => server.open).toBe(0);
});

test('a stream that brings something is one at once', async () => {
  const checking = checked(server.origin);
  await server.connected(1);
  server.send('{"documentId":"d","status":"COMPLETED"}');
  expect(await checking).toMatchObject({ severity: 'ok' });
});

test('credentials that are refused within the stream are told of, and not shown', async () => {
  const found = await checked(server.origin, 'canary-4711');
  expect(found).toMatchObject({ severity: 'error', subject: 'gini/documents', code: 'AUTH_REFUSED' });
  expect(JSON.stringify(found)).not.toContain('canary-4711');
});

test('what is no stream is told of', async () => {
  server.failAlways({ kind: 'web-page' });
  expect(await checked(server.origin)).toMatchObject({ code: 'STREAM_UNFIT' });
  server.failAlways({ kind: 'status', status: 503 });
  expect(await checked(server.origin)).toMatchObject({ code: 'UPSTREAM_ERROR' });
});

test('who is not there is told of', async () => {
  expect(await checked(`http://127.0.0.1:${await closedPort()}`)).toMatchObject({ code: 'UPSTREAM_UNREACHABLE' });
});
