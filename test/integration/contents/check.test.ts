import { once } from 'node:events';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { startContents } from '../../../connectors/async-session/simulator/contents.ts';
import { connectors } from '../../../connectors/index.ts';
import { checkBrokers } from '../../../src/cli/check-brokers.ts';
import { checkDownloads } from '../../../src/cli/check-downloads.ts';
import { checkStore } from '../../../src/cli/check-store.ts';
import type { Configuration } from '../../../src/config/configuration.ts';
import { loadConfiguration } from '../../../src/config/load.ts';
import type { Finding } from '../../../src/core/finding.ts';
import { claimStore } from '../../../src/kit/claim-settings.ts';
import { logSinkType } from '../../../src/sinks/log/index.ts';
import { sqsSinkType } from '../../../src/sinks/sqs/index.ts';
import { closedPort } from '../../support/closed-port.ts';
import { startFauxqs } from '../../support/sqs/fauxqs.ts';
import { createWorkplace } from '../../support/workplace.ts';
import { runHere } from '../../unit/cli/support.ts';

const withinMs = 5_000;
const secretKey = 'canary-4711';

async function configured(dir: string, text: string): Promise<Configuration> {
  const { configuration, findings } = await loadConfiguration({
    file: join(dir, 'feedferry.yaml'),
    text,
    connectors,
    sinkTypes: [logSinkType, sqsSinkType],
    env: {},
    readFile: async () => '',
  });
  if (configuration === undefined) throw new Error(`refused: ${told(findings)}`);
  return configuration;
}

const sessionsText = (download: object) =>
  JSON.stringify({
    version: 1,
    listen: { hooks: '127.0.0.1:0' },
    brokers: { out: { type: 'log', dir: './events' } },
    pipelines: {
      sessions: {
        from: {
          connector: 'async-session',
          account: 'acme',
          path: '/hooks',
          verify: 'none',
          download,
        },
        to: { broker: 'out' },
      },
    },
  });

const sessions = (dir: string, download: object) => configured(dir, sessionsText(download));

const bucket = (endpoint: string, name: string) => ({
  s3: { bucket: name, region: 'eu-central-1', endpoint, credentials: { accessKeyId: 'a', secretAccessKey: secretKey } },
});

const durable = async () => 'durable' as const;

function told(findings: readonly Finding[]): readonly string[] {
  return findings.map((one) => `${one.subject} ${one.severity === 'ok' ? 'ok' : one.code} ${one.message}`);
}

it('finds that contents can be fetched and kept in a folder, and leaves both as they were', async () => {
  await using workplace = await createWorkplace();
  await using contents = await startContents({ token: 'right' });
  const claims = join(workplace.path, 'claims');
  await mkdir(join(claims, '.incoming'), { recursive: true });
  await writeFile(join(claims, '.incoming', 'of-a-running-bridge'), 'half of a content');
  const download = { baseUrl: contents.url, auth: { bearer: 'right' }, store: { dir: './claims' } };
  const configuration = await sessions(workplace.path, download);
  expect(told(await checkDownloads(configuration, {}, withinMs, durable))).toEqual([
    expect.stringMatching(/^sessions\/sessions ok download answers: \d+ /),
    `${claims} ok contents can be kept there`,
  ]);
  expect(await readdir(join(claims, '.incoming'))).toEqual(['of-a-running-bridge']);
});

it('warns of a folder that goes with the container', async () => {
  await using workplace = await createWorkplace();
  const store = claimStore.parse({ dir: './claims' });
  expect(await checkStore(store, workplace.path, withinMs, async () => ({ notDurable: 'overlay' }))).toMatchObject({
    severity: 'warning',
    subject: join(workplace.path, 'claims'),
    code: 'STATE_NOT_DURABLE',
    message: expect.stringContaining('it is on overlay: with the container, those would be lost that events refer to'),
  });
});

it('is what `feedferry check` does, but not without connections', async () => {
  await using workplace = await createWorkplace();
  await using contents = await startContents();
  const file = join(workplace.path, 'feedferry.yaml');
  await writeFile(file, sessionsText({ baseUrl: contents.url, store: { dir: './claims' } }));
  const { stdout, code } = await runHere(['check', '-c', file]);
  expect(stdout).toMatch(/sessions\/sessions +ok {2}download answers: \d+ /);
  expect(stdout).toMatch(/claims +ok {2}contents can be kept there/);
  expect(code).toBe(0);
  expect((await runHere(['check', '-c', file, '--offline'])).stdout).not.toContain('download');
});

it('says of a folder that cannot be written why, and of an upstream that it refuses the credentials', async () => {
  await using workplace = await createWorkplace();
  await using contents = await startContents({ token: 'right' });
  await writeFile(join(workplace.path, 'file'), '');
  const download = { baseUrl: contents.url, auth: { bearer: 'wrong' }, store: { dir: './file/claims' } };
  const configuration = await sessions(workplace.path, download);
  const findings = told(await checkDownloads(configuration, {}, withinMs, durable));
  expect(findings[0]).toContain('sessions/sessions AUTH_REFUSED download: ');
  expect(findings[1]).toBe(
    `${join(workplace.path, 'file/claims')} CLAIMS_UNWRITABLE ${join(workplace.path, 'file/claims')} cannot be written: ENOTDIR`,
  );
});

it('says of an upstream, and of a bucket, that nothing answers', async () => {
  await using workplace = await createWorkplace();
  const nowhere = `http://127.0.0.1:${await closedPort()}`;
  const configuration = await sessions(workplace.path, { baseUrl: nowhere, store: bucket(nowhere, 'claims-here') });
  const findings = told(await checkDownloads(configuration, {}, withinMs, durable));
  expect(findings[0]).toContain('sessions/sessions UPSTREAM_UNREACHABLE download: ');
  expect(findings[1]).toContain('s3://claims-here/claims/ CLAIMS_UNWRITABLE ');
  expect(findings.join()).not.toContain(secretKey);
});

it('finds that a bucket takes uploads, and leaves nothing in it', async () => {
  await using workplace = await createWorkplace();
  await using server = await startFauxqs();
  await using contents = await startContents();
  await fetch(`${server.endpoint}/claims-here`, { method: 'PUT' });
  const good = await sessions(workplace.path, { baseUrl: contents.url, store: bucket(server.endpoint, 'claims-here') });
  expect(told(await checkDownloads(good, {}, withinMs, durable))).toContain(
    's3://claims-here/claims/ ok contents can be kept there',
  );
  expect(await (await fetch(`${server.endpoint}/claims-here?list-type=2`)).text()).not.toContain('<Key>');
  const bad = await sessions(workplace.path, { baseUrl: contents.url, store: bucket(server.endpoint, 'gone') });
  expect(told(await checkDownloads(bad, {}, withinMs, durable))).toContain(
    's3://gone/claims/ CLAIMS_UNWRITABLE upload at bucket gone: NoSuchBucket',
  );
});

it('gives the upload up that it has begun', async () => {
  const asked: string[] = [];
  const begun = '<InitiateMultipartUploadResult><UploadId>U-1</UploadId></InitiateMultipartUploadResult>';
  const server = createServer(({ method = '', url = '' }, response) => {
    asked.push(`${method} ${url.replace(/[0-9a-f-]{36}/, 'UUID')}`);
    response.writeHead(method === 'POST' ? 200 : 204).end(method === 'POST' ? begun : '');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  try {
    const store = claimStore.parse(bucket(`http://127.0.0.1:${port}`, 'claims-here'));
    expect(await checkStore(store, '/', withinMs, durable)).toMatchObject({ severity: 'ok' });
  } finally {
    server.close();
  }
  expect(asked).toEqual([
    'POST /claims-here/claims/incoming/UUID?uploads=',
    'DELETE /claims-here/claims/incoming/UUID?uploadId=U-1&x-id=AbortMultipartUpload',
  ]);
});

it('looks where the large events of a queue are kept, too', async () => {
  await using workplace = await createWorkplace();
  await using server = await startFauxqs();
  await writeFile(join(workplace.path, 'file'), '');
  const configuration = await configured(
    workplace.path,
    JSON.stringify({
      version: 1,
      listen: { hooks: '127.0.0.1:0' },
      brokers: {
        queues: {
          type: 'sqs',
          region: 'eu-central-1',
          endpoint: server.endpoint,
          credentials: { accessKeyId: 'a', secretAccessKey: secretKey },
        },
      },
      pipelines: {
        hooked: {
          from: { connector: 'os1', account: 'acme', path: '/hooks', verify: 'none' },
          to: { broker: 'queues', queue: 'events', claimCheck: { store: { dir: './file/claims' } } },
        },
      },
    }),
  );
  const findings = told(await checkBrokers(configuration, {}, withinMs, durable));
  expect(findings).toContainEqual(expect.stringContaining('file/claims CLAIMS_UNWRITABLE '));
});
