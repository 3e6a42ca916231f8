import { createHmac } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sinkTypes } from '../../../src/sinks/index.ts';
import { readLog } from '../../../src/sinks/log/read-log.ts';
import { full } from '../../crash/scale.ts';
import { startConfigured } from '../../support/configured-daemon.ts';
import { openRaw } from '../../support/hooks/raw-connection.ts';

const runs = full ? 10_000 : 600;
const timeout = full ? 900_000 : 120_000;
const key = 'a-key-that-only-the-sender-has';

async function open() {
  await using resources = new AsyncDisposableStack();
  const dir = await mkdtemp(join(tmpdir(), 'feedferry-mutated-'));
  resources.defer(() => rm(dir, { recursive: true, force: true }));
  const text = `version: 1
state: { dir: state }
listen: { hooks: "127.0.0.1:0", health: "127.0.0.1:0", admin: "127.0.0.1:0" }
brokers:
  local: { type: log, dir: events }
pipelines:
  hooked:
    from:
      connector: webhook
      account: acme
      path: /hooks/sample
      verify: { header: x-signature, algorithm: sha256, encoding: hex, keys: [${key}] }
      event: { id: /body/id, type: '"com.example." & body.type', subject: /headers/x-subject, partitionkey: /body/key }
    to: { broker: local, topic: hooked }
`;
  let address = '';
  const { daemon } = await startConfigured(
    {
      file: join(dir, 'feedferry.yaml'),
      text,
      sinkTypes,
      record: false,
      report(event) {
        if (event.event === 'listener.opened' && event.listener === 'hooks') ({ address } = event);
      },
    },
    resources,
  );
  const agent = new Agent({ keepAlive: true });
  resources.defer(async () => agent.destroy());
  const port = Number(address.split(':').at(-1));

  function send(body: Buffer, headers: Readonly<Record<string, string>>): Promise<number> {
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    const sending = request(
      { port, host: '127.0.0.1', path: '/hooks/sample', method: 'POST', agent, headers },
      (response) => {
        response.resume().on('end', () => resolve(response.statusCode ?? 0));
      },
    );
    sending.on('error', reject);
    sending.end(body);
    return promise;
  }

  const honest = (id: string) => {
    const body = Buffer.from(JSON.stringify({ id, type: 'paid', key: 'honest' }));
    return send(body, { 'content-type': 'application/json', 'x-signature': signature(body) });
  };
  await expect.poll(() => honest('first')).toBe(200);
  const opened = resources.move();
  return {
    port,
    send,
    honest,
    events: async () => {
      const lines = await Array.fromAsync(readLog(join(dir, 'events'), 'hooked'));
      return new Set(lines.map(({ line }) => (JSON.parse(line) as { id: string }).id));
    },
    deadLetters: async () => {
      const letters = await daemon.state.deadLetters.list({ feed: 'hooked/events', limit: 100_000 });
      return new Set(letters.map(({ record }) => Buffer.from(record.bytes).toString('base64')));
    },
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

function signature(body: Uint8Array): string {
  return createHmac('sha256', key).update(body).digest('hex');
}

/** Where, as a part of the length; how many bytes go; what comes in their place. */
const place = fc.nat(999).map((part) => part / 1_000);
const anything = fc.tuple(place, fc.nat(12), fc.uint8Array({ maxLength: 12 }));
/** May leave what is JSON as it is, but for a letter. */
const letter = fc.tuple(
  place,
  fc.constant(1),
  fc.constantFrom(...'a7-é').map((text) => Buffer.from(text)),
);
const changes = fc.array(fc.oneof(anything, letter), { minLength: 1, maxLength: 3 });

function mutate(bytes: Buffer, edits: readonly (readonly [number, number, Uint8Array])[]): Buffer {
  return edits.reduce<Buffer>((mutated, [part, gone, come]) => {
    const at = Math.floor(part * mutated.length);
    return Buffer.concat([mutated.subarray(0, at), come, mutated.subarray(at + gone)]);
  }, bytes);
}

const headerText = fc.oneof(
  fc.string({ unit: fc.constantFrom(...'abcXYZ019 ,;=:/"\\\t\u00e9\u00ff-_.%{}[]'), maxLength: 60 }),
  fc.constantFrom(
    '',
    'application/json;charset=utf-16',
    'application/json; charset="',
    'gzip',
    'br',
    'identity',
    '0',
    '-1',
  ),
);
const strangeHeaders = fc.dictionary(
  fc.constantFrom(
    'content-type',
    'content-encoding',
    'x-signature',
    'x-subject',
    'x-request-id',
    'traceparent',
    'x-forwarded-for',
    'accept',
    'origin',
  ),
  headerText.map((text) => text.trim()),
  { maxKeys: 3 },
);

describe(`of ${runs} requests`, () => {
  it('with mutated bodies and headers each is answered 2xx, 4xx; with 2xx it is an event, or a dead letter', {
    timeout,
  }, async () => {
    await using hooks = await open();
    const statuses = new Map<number, number>();
    const taken: Buffer[] = [];
    let number = 0;
    await fc.assert(
      fc.asyncProperty(changes, strangeHeaders, fc.boolean(), async (edits, headers, signed) => {
        const whole = Buffer.from(JSON.stringify({ id: `m${number++}`, type: 'paid', key: 'k', more: [1, 'ü', null] }));
        const body = mutate(whole, edits);
        const own = signed ? { 'x-signature': signature(body) } : {};
        const status = await hooks.send(body, { 'content-type': 'application/json', ...own, ...headers });
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
        expect(status === 200 || (status >= 400 && status < 500)).toBe(true);
        if (status === 200) taken.push(body);
        // So that what is poison among them is no flood.
        expect(await hooks.honest(`h${number}`)).toBe(200);
        expect(await hooks.honest(`i${number}`)).toBe(200);
      }),
      { numRuns: runs, endOnFailure: true },
    );
    const [events, letters] = await Promise.all([hooks.events(), hooks.deadLetters()]);
    const gone = taken.filter((body) => !letters.has(body.toString('base64')) && !events.has(idIn(body)));
    const told = [...statuses].toSorted().map(([status, times]) => `${times} × ${status}`);
    console.log(
      `${runs} mutated requests: ${told.join(', ')}; ${taken.length} taken, ${letters.size} of them dead letters`,
    );
    expect(gone.map(String)).toEqual([]);
    expect(taken.length).toBeGreaterThan(runs / 20);
    expect(letters.size).toBeGreaterThan(0);
  });

  it('mutated as bytes on the wire none crashes the bridge, and every answer is 2xx or 4xx', { timeout }, async () => {
    await using hooks = await open();
    let number = 0;
    let answered = 0;
    await fc.assert(
      fc.asyncProperty(changes, async (edits) => {
        const body = Buffer.from(JSON.stringify({ id: `r${number++}`, type: 'paid', key: 'k' }));
        const head = `POST /hooks/sample HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\nx-signature: ${signature(body)}\r\nconnection: close\r\ncontent-length: ${body.length}\r\n\r\n`;
        using connection = await openRaw(hooks.port);
        await connection.write(mutate(Buffer.concat([Buffer.from(head), body]), edits));
        connection.end();
        await connection.closed;
        const answers = [...connection.received().matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, status]) => Number(status));
        answered += answers.length > 0 ? 1 : 0;
        expect(answers.filter((status) => status !== 200 && (status < 400 || status >= 500))).toEqual([]);
        expect(await hooks.honest(`h${number}`)).toBe(200);
      }),
      { numRuns: runs, endOnFailure: true },
    );
    console.log(`${runs} requests mutated on the wire: ${answered} answered`);
    expect(answered).toBeGreaterThan(runs / 2);
  });
});

function idIn(body: Buffer): string {
  try {
    return (JSON.parse(body.toString()) as { id: string }).id;
  } catch {
    return '';
  }
}
