import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { bodyBytes, secret, signatureHeader } from '../../../bench/webhook/request.ts';
import { runSenders } from '../../../bench/webhook/run-senders.ts';
import { Secret } from '../../../src/core/secret.ts';
import { compileVerification } from '../../../src/http/verify/compile.ts';

interface Answered {
  readonly id: string;
  readonly key: string;
}

/** Answers with what `statusOf` gives for the number of the request, as it came. */
async function startServer(statusOf: (at: number) => number) {
  const taken: Answered[] = [];
  const wrong: string[] = [];
  const verifier = compileVerification(
    {
      kind: 'signature',
      header: signatureHeader,
      layout: { kind: 'plain' },
      signed: '{body}',
      signers: [
        {
          label: 'sha256=',
          algorithm: 'sha256',
          encoding: 'hex',
          keyFormat: { prefix: '', encoding: 'utf8', derive: 'none' },
          keys: [new Secret(secret)],
        },
      ],
    },
    Date.now,
  );
  let count = 0;
  const server = createServer(async (request, response) => {
    const body = await buffer(request);
    const status = statusOf(count++);
    const { kind } = verifier.verify({
      method: 'POST',
      target: '/',
      headers: { [signatureHeader]: String(request.headers[signatureHeader]) },
      body,
      remoteAddress: '',
      receivedAt: new Date(),
    });
    if (body.length !== bodyBytes || kind !== 'verified') wrong.push(body.toString());
    if (status === 200) taken.push(JSON.parse(body.toString()) as Answered);
    response.writeHead(status).end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    taken,
    wrong,
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}

const task = { connections: 3, signed: true, warmUpRequests: 30, measuredMs: 100 };

describe('the senders of the benchmark', () => {
  it('send signed bodies of the same size, numbered through, each key in order, from the first one that is taken', async () => {
    await using server = await startServer((at) => (at < 2 ? 503 : 200));
    const said: string[] = [];
    const sent = await runSenders(
      { ...task, port: server.port },
      () => said.push('begin'),
      () => said.push('end'),
    );
    expect(said).toEqual(['begin', 'end']);
    expect(server.wrong).toEqual([]);
    const numbers = server.taken.map(({ id }) => Number(id));
    expect(numbers.toSorted((a, b) => a - b)).toEqual(Array.from({ length: sent.sent }, (_, number) => number));
    for (const own of Map.groupBy(server.taken, ({ key }) => key).values()) {
      expect(own.map(({ id }) => Number(id))).toEqual(own.map(({ id }) => Number(id)).toSorted((a, b) => a - b));
    }
    expect(sent.requests).toBeGreaterThan(0);
    expect(sent.requests).toBeLessThan(sent.sent);
    expect(sent.p99Ms).toBeGreaterThanOrEqual(sent.p50Ms);
  });

  it('fail when a request is refused', async () => {
    await using server = await startServer((at) => (at < 50 ? 200 : 503));
    const running = runSenders(
      { ...task, port: server.port },
      () => {},
      () => {},
    );
    await expect(running).rejects.toThrow('the senders ended with');
  });
});
