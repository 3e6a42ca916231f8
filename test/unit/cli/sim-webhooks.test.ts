import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { connectors } from '../../../connectors/index.ts';
import type { SentDelivery } from '../../../connectors/webhook/simulator/options.ts';
import { runProgram } from '../../../src/cli/program.ts';
import { createWorkplace } from '../../support/workplace.ts';
import { load } from '../config-examples/load.ts';
import { fakeHost, runHere } from './support.ts';

const names = ['os1', 'async-session', 'webhook', 'wapi-post', 'fenergo-webhook'];

async function openUpstream(status: number) {
  const server = createServer(
    (request, response) => void request.resume().on('end', () => response.writeHead(status).end()),
  );
  const opened = Promise.withResolvers<void>();
  server.listen(0, '127.0.0.1', opened.resolve);
  await opened.promise;
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks/sample/journey`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
    },
  };
}

describe('feedferry connectors', () => {
  it('lists every connector with what it carries', async () => {
    const { stdout, code } = await runHere(['connectors']);
    expect(code).toBe(0);
    for (const { name, summary } of connectors)
      expect(stdout).toMatch(new RegExp(`^${name} +${summary.slice(0, 20)}`, 'm'));
  });
});

describe.each(names)('feedferry sim %s', (name) => {
  it('prints a configuration that takes what it sends', async () => {
    await using upstream = await openUpstream(200);
    const { stdout } = await runHere(['sim', name, '--url', upstream.url, '--events', '1']);
    const { findings, configuration } = await load(stdout);
    expect(findings).toEqual([]);
    expect(configuration?.pipelines).toMatchObject([{ name, feeds: [{ arrival: { path: '/hooks/sample/journey' } }] }]);
  });

  it('sends until all is answered with success, and writes down what it was answered', async () => {
    await using upstream = await openUpstream(202);
    await using workplace = await createWorkplace();
    const ledger = join(workplace.path, 'sent.ndjson');
    const args = ['sim', name, '--url', upstream.url, '--events', '25', '--arrays', '20', '--ledger', ledger];
    const { stderr, code } = await runHere(args);
    expect(code).toBe(0);
    expect(stderr).toContain('25 of 25 answered with success, 0 given up. Answers: 25 × 202.');
    const lines = (await readFile(ledger, 'utf8')).trimEnd().split('\n');
    expect(lines).toHaveLength(25);
    for (const line of lines)
      expect(JSON.parse(line) as SentDelivery).toMatchObject({ kind: 'genuine', safe: { order: expect.any(Number) } });
  });

  it.each([
    [['--fault', 'rain'], 'there is no fault "rain"'],
    [['--sign', 'wax'], 'there is no way "wax" to sign'],
    [['--url', 'somewhere'], 'somewhere is no URL'],
    [['--fault', 'slow=2'], 'Its probability is more than 0 and at most 1'],
  ])('refuses %j', async (args, words) => {
    const { stderr, code } = await runHere(['sim', name, ...args]);
    expect(code).not.toBe(0);
    expect(stderr).toContain(words);
  });
});

describe('feedferry sim', () => {
  it.each([
    [401, '`verify` of the pipeline expects another --key or --sign'],
    [404, 'no pipeline has this path'],
  ])('says why nothing succeeds when all is answered %i', async (status, reason) => {
    await using upstream = await openUpstream(status);
    const fake = fakeHost(['sim', 'os1', '--url', upstream.url, '--events', '3']);
    const running = runProgram(fake.host);
    await expect.poll(fake.stderr, { timeout: 10_000 }).toContain(`so far: ${reason}. Answers: `);
    fake.signal('SIGINT');
    expect(await running).toBe(1);
  });
});

describe('feedferry sim async-session --contents', () => {
  it('serves what its sessions have made until it is interrupted, and prints a configuration that fetches it', async () => {
    await using upstream = await openUpstream(200);
    const args = ['--url', upstream.url, '--events', '3', '--contents', '127.0.0.1:0', '--content-fault', 'missing=1'];
    const fake = fakeHost(['sim', 'async-session', ...args]);
    const running = runProgram(fake.host);
    await expect.poll(() => fake.stderr()).toContain('All is sent.');
    const { configuration } = await load(fake.stdout().toString());
    expect(configuration?.pipelines).toMatchObject([{ ack: 'spool' }]);
    const [baseUrl = ''] = /http:[^"]+(?=", store)/.exec(fake.stdout().toString()) ?? [];
    expect((await fetch(`${baseUrl}/sessions/S-1/report`)).status).toBe(404);
    fake.signal('SIGINT');
    expect(await running).toBe(0);
  });

  it.each([
    [['--contents', 'somewhere'], 'somewhere is no address'],
    [['--contents', '127.0.0.1:0', '--content-fault', 'rain'], 'there is no fault "rain"'],
  ])('refuses %j', async (args, words) => {
    const { stderr, code } = await runHere(['sim', 'async-session', ...args]);
    expect(code).not.toBe(0);
    expect(stderr).toContain(words);
  });
});
