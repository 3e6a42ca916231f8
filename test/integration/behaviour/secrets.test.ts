import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { TelemetryEvent } from '../../../src/telemetry/events.ts';
import { createLogReporter } from '../../../src/telemetry/logger.ts';
import { closedPort } from '../../support/closed-port.ts';
import { type Bridge, type BridgeOptions, hastily, startBridge } from '../../support/daemon.ts';
import { type EchoMode, startEchoUpstream } from '../../support/echo-upstream.ts';
import { makeCertificates } from '../../unit/http/support/certificates.ts';

/** One for each slot that holds a secret. Awkward characters, so that they are spelled in many ways. */
const canaries = {
  bearer: 'canary-bearer/1+=',
  password: 'canary:password/2 "ä"&<',
  clientSecret: 'canary-client-secret/3+"&',
  header: 'canary-header/4+"',
  literal: 'canary-literal-header-5',
  admin: 'canary-admin-6',
  proxy: 'canary-proxy-7',
};
const token = 'canary-access-token-8.opaque';

/** What no text may hold: the canaries by their recognisable beginning, and encoded. */
const forbidden: readonly RegExp[] = [
  /canary/i,
  ...['ferry:canary:pass', 'ferry:canary-client', 'ferry:canary%3Apass', 'ferry:canary-proxy'].map(
    (pair) =>
      new RegExp(
        RegExp.escape(
          Buffer.from(pair)
            .toString('base64')
            .replace(/.{4}=*$/, ''),
        ),
      ),
  ),
];

let shown: string[] = [];
let written = '';

beforeEach(() => {
  shown = [];
  written = '';
});

const destination = {
  write(text: string) {
    written += text;
  },
};
const logs = [false, true].map((pretty) => createLogReporter({ level: 'trace', pretty, destination }));

function report(event: TelemetryEvent): void {
  for (const log of logs) log(event);
  shown.push(inspect(event, { depth: 20, showHidden: true, getters: true }), JSON.stringify(event));
  let link: unknown = 'error' in event ? event.error : undefined;
  for (; link instanceof Error; link = link.cause) {
    shown.push(link.message, String(link.stack), JSON.stringify(link));
  }
}

function showError(error: unknown): void {
  shown.push(inspect(error, { depth: 20, showHidden: true }), JSON.stringify(error));
}

afterEach(() => {
  const everything = [...shown, written].join('\n');
  for (const pattern of forbidden) {
    const at = everything.search(pattern);
    // Not all of it, should it fail.
    expect(at === -1 ? '' : everything.slice(Math.max(0, at - 200), at + 60)).toBe('');
  }
});

const env = { BEARER: canaries.bearer, HEADER: canaries.header, ADMIN: canaries.admin };
const files = {
  '/secrets/password': `${canaries.password}\n`,
  '/secrets/client': canaries.clientSecret,
};

const headers = `headers: { x-api-key: "\${env:HEADER}", x-literal: "${canaries.literal}", x-tenant-id: bded51d4 }`;
const common = ['feeds: [journey, document]', 'timeouts: { connect: 1s, headers: 60ms, body: 60ms }', headers];
const auths = {
  bearer: 'auth: { bearer: "${env:BEARER}" }',
  basic: 'auth: { basic: { username: ferry, password: "${file:/secrets/password}" } }',
};
const admin = 'admin: { address: "127.0.0.1:0", token: "${env:ADMIN}" }';

function start(baseUrl: string, auth: string, more: Partial<BridgeOptions> = {}): Promise<Bridge> {
  const timing = { ...hastily, drainMs: 50 };
  return startBridge({ baseUrl, from: [...common, auth], env, files, admin, report, timing, ...more });
}

/** Looks at all that an outsider can ask for. */
async function look(bridge: Bridge): Promise<void> {
  for (const path of ['/healthz', '/readyz', '/readyz/fenergo', '/livez']) {
    shown.push(JSON.stringify(await bridge.health(path)));
  }
  const { operations, adminUrl } = bridge;
  const feed = 'fenergo/journey';
  await operations.setAside(feed, { reason: 'x', batchId: '77' }).catch(showError);
  shown.push(inspect(await operations.deadLetters({ limit: 10 }), { depth: 20 }));
  shown.push(inspect(await operations.ledger({ limit: 10 }), { depth: 20 }));
  for (const authorization of ['', 'Bearer wrong']) {
    const response = await fetch(`${adminUrl}/api/v1/ledger?limit=1`, { headers: { authorization } });
    expect(response.status).toBe(401);
    shown.push(await response.text());
  }
  shown.push(inspect(bridge.daemon, { depth: 20, showHidden: true }), inspect(operations, { depth: 20 }));
}

/** So many failures of this kind of upstream. */
async function failures(bridge: Bridge, many = 3): Promise<void> {
  const count = () => bridge.recorder.of('attempt.failed').length + bridge.recorder.of('feed.halted').length;
  await expect.poll(count, { timeout: 10_000 }).toBeGreaterThanOrEqual(many);
}

const modes: readonly EchoMode[] = [
  [400, 'application/json'],
  [401, 'application/problem+json'],
  [403, 'text/plain'],
  [404, 'text/html'],
  [429, 'application/json'],
  [500, 'text/html'],
  [302, 'text/plain'],
  [200, 'text/html'],
  [200, 'application/json'],
  'hang',
  'reset',
];

describe.each(Object.entries(auths))('with %s, no secret is shown', (_name, auth) => {
  test.each(modes)('when upstream echoes what it was sent and answers %s %s', async (...mode) => {
    await using upstream = await startEchoUpstream((mode.length > 1 ? mode : mode[0]) as EchoMode);
    await using bridge = await start(upstream.url, auth);
    await failures(bridge, 2);
    expect(upstream.requests()).toBeGreaterThan(0);
    if (upstream.mode === 'hang' || (upstream.mode[0] === 200 && upstream.mode[1] === 'application/json')) return;
    await look(bridge);
  });

  test('when nothing listens there', async () => {
    await using bridge = await start(`http://127.0.0.1:${await closedPort()}`, auth);
    await failures(bridge);
    await look(bridge);
  });

  test('when the proxy refuses, or is not there', async () => {
    await using refusing = await startEchoUpstream([407, 'text/plain']);
    for (const port of [new URL(refusing.url).port, await closedPort()]) {
      const proxy = { http: `http://ferry:${canaries.proxy}@127.0.0.1:${port}` };
      await using bridge = await start('http://upstream.invalid:81', auth, { proxy });
      await failures(bridge);
      await look(bridge);
    }
  });
});

describe('with oauth2, no secret is shown', () => {
  const oauth2 = (tokenUrl: string) =>
    `auth: { oauth2: { tokenUrl: "${tokenUrl}", clientId: ferry, clientSecret: "\${file:/secrets/client}", scope: s } }`;

  test.each([...modes, [200, 'application/x-www-form-urlencoded'] as const])(
    'when the token endpoint echoes what it was sent and answers %s %s',
    async (...mode) => {
      await using endpoint = await startEchoUpstream((mode.length > 1 ? mode : mode[0]) as EchoMode);
      await using bridge = await start('http://127.0.0.1:9', oauth2(`${endpoint.url}/token?x=1`));
      await failures(bridge);
      expect(endpoint.requests()).toBeGreaterThan(0);
      await look(bridge);
    },
  );

  test('when an upstream echoes an access token that is none of a kind we could recognise', async () => {
    await using upstream = await startEchoUpstream([401, 'application/json']);
    const { createServer } = await import('node:http');
    const endpoint = createServer((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ access_token: token, token_type: 'Bearer', expires_in: 3600 }));
    });
    await new Promise<void>((resolve) => void endpoint.listen(0, '127.0.0.1', resolve));
    const address = endpoint.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    await using bridge = await start(upstream.url, oauth2(`http://127.0.0.1:${address.port}/token`));
    await failures(bridge);
    upstream.mode = [500, 'text/html'];
    await failures(bridge, bridge.recorder.of('attempt.failed').length + 3);
    await look(bridge);
    endpoint.close();
    endpoint.closeAllConnections();
  });
});

describe('of the TLS key nothing is shown', () => {
  const { ca, server, client, stranger } = makeCertificates();
  const body = client.key.split('\n')[1] ?? '';
  const tls = 'tls: { ca: "${file:/tls/ca}", cert: "${file:/tls/cert}", key: "${file:/tls/key}" }';
  const from = [...common, auths.bearer, tls];

  test('when the upstream does not trust the client, or is not trusted', async () => {
    for (const [authority, pair] of [
      [ca, client],
      [stranger.cert, client],
    ] as const) {
      await using upstream = await startEchoUpstream([403, 'text/plain'], { ...server, ca, requestCert: true });
      const paths = { ...files, '/tls/ca': authority, '/tls/cert': pair.cert, '/tls/key': pair.key };
      await using bridge = await start(upstream.url, auths.bearer, { from, files: paths });
      await failures(bridge);
      await look(bridge);
    }
    expect([...shown, written].join('\n')).not.toContain(body);
  });

  test('when it is not that of the certificate, or is broken', async () => {
    for (const key of [stranger.key, client.key.replace('A', '!'), client.key.slice(0, 90)]) {
      const paths = { ...files, '/tls/ca': ca, '/tls/cert': client.cert, '/tls/key': key };
      const outcome = start('https://127.0.0.1:9', auths.bearer, { from, files: paths });
      await outcome.then((bridge) => bridge[Symbol.asyncDispose](), showError);
    }
    expect(shown.join('\n')).toContain('CONFIG_INVALID');
    for (const pair of [client, stranger]) expect(shown.join('\n')).not.toContain(pair.key.split('\n')[1]);
  });
});

test('no finding about a configuration shows one', async () => {
  const broken = [
    'auth: { bearer: "${env:BEARER}", basic: { username: ferry, password: "${file:/secrets/password}" } }',
    'timeouts: { headers: "${env:BEARER}" }',
    'feeds: ["${env:HEADER}"]',
    'baseUrl: "${file:/secrets/client}"',
    'schedule: { every: "${env:ADMIN}" }',
  ];
  for (const line of broken) {
    const baseUrl = line.startsWith('baseUrl') ? 'http://127.0.0.1:9' : 'ftp://x';
    await start(baseUrl, line).then((bridge) => bridge[Symbol.asyncDispose](), showError);
  }
  expect(shown.length).toBe(2 * broken.length);
});
