import { describe, expect, it } from 'vitest';
import type { HooksListen } from '../../../src/config/configuration.ts';
import { configText, lines, load } from './support.ts';

const pem = '"-----BEGIN CERTIFICATE-----"';

function hooked(
  names: readonly string[],
  { listen = '"0.0.0.0:8080"', path = (name: string) => `/hooks/${name}`, more = '' } = {},
) {
  const pipelines = names.map(
    (name) => `  ${name}:
    from:
      connector: webhook
      account: acme
      path: ${path(name)}
      verify: none
      event: { id: /body/id, type: '"com.example"' }
    to: { broker: local, topic: ${name} }
${more}`,
  );
  const head = listen === '' ? '' : `listen: { hooks: ${listen} }\n`;
  return `version: 1\n${head}brokers:\n  local: { type: log, dir: ./events }\npipelines:\n${pipelines.join('')}`;
}

async function listenOf(listen: string): Promise<HooksListen | undefined> {
  const loaded = await load(hooked(['billing'], { listen }));
  expect(lines(loaded)).toEqual([]);
  return loaded.configuration?.listen.hooks;
}

describe('the listener for webhooks, in the configuration,', () => {
  const defaults = {
    maxConnections: 5_000,
    maxRequests: 1_000,
    maxBytes: 64 * 1024 ** 2,
    headersTimeoutMs: 8_000,
    bodyTimeoutMs: 4_000,
    trustedProxies: [],
    forwardedHeader: 'x-forwarded-for',
  };

  it('is an address, or a mapping, with the same defaults', async () => {
    expect(await listenOf('"0.0.0.0:8080"')).toEqual({ host: '0.0.0.0', port: 8080, ...defaults });
    expect(await listenOf('{ address: "[::1]:0" }')).toEqual({ host: '::1', port: 0, ...defaults });
  });

  it('takes limits, proxies and TLS, whose key is never shown', async () => {
    const tls = `{ cert: ${pem}, key: ${pem}, clientCa: ${pem} }`;
    const settings = await listenOf(
      `{ address: "0.0.0.0:8443", tls: ${tls}, maxRequests: 5, maxBytes: 1MiB, headersTimeout: 1s, bodyTimeout: 2s, trustedProxies: [10.0.0.0/8, "::1"], forwardedHeader: forwarded }`,
    );
    expect(settings).toMatchObject({
      maxRequests: 5,
      maxBytes: 1024 ** 2,
      headersTimeoutMs: 1_000,
      bodyTimeoutMs: 2_000,
      trustedProxies: ['10.0.0.0/8', '::1'],
      forwardedHeader: 'forwarded',
    });
    expect(JSON.stringify(settings)).not.toContain('BEGIN');
  });

  it.each([
    ['{ address: "0.0.0.0:8080", trustedProxies: ["10.0.0.0/33"] }', 'xpected an address or a block'],
    ['{ address: "0.0.0.0:8080", tls: { cert: x, key: y } }', 'PEM'],
    ['{ address: "0.0.0.0:8080", maxRequests: 0 }', 'maxRequests'],
    ['{ address: "0.0.0.0:8080", headersTimeout: 2m }', 'at most 1m'],
    ['{ address: "0.0.0.0:8080", maxConections: 5 }', 'maxConections'],
    ['"somewhere"', 'host:port'],
  ])('is refused as %s', async (listen, words) => {
    expect(lines(await load(hooked(['billing'], { listen }))).join('\n')).toContain(words);
  });

  it('has to be there where a pipeline takes webhooks, and stays closed where none does', async () => {
    expect(lines(await load(hooked(['billing'], { listen: '' })))).toEqual([
      '5:3 CONFIG_INVALID billing takes webhooks at /hooks/billing, but listen.hooks is not set: nobody could send any. Write for example listen: { hooks: "0.0.0.0:8080" }.',
    ]);
    expect((await load(configText())).configuration?.listen.hooks).toBeUndefined();
  });

  it('has a port of its own', async () => {
    expect(lines(await load(hooked(['billing'], { listen: '"127.0.0.1:9091"' }))).join()).toContain(
      'listen.health and listen.hooks are both 127.0.0.1:9091.',
    );
  });

  it('has one pipeline for each path', async () => {
    expect(lines(await load(hooked(['one', 'two'])))).toEqual([]);
    expect(lines(await load(hooked(['one', 'two'], { path: () => '/hooks/same' })))).toEqual([
      '14:3 CONFIG_INVALID one and two both take webhooks at /hooks/same. Give each pipeline a path of its own.',
    ]);
  });

  it('is reached by others at publicUrl, without a slash at its end', async () => {
    const at = async (url: string) => load(`${hooked(['one'])}publicUrl: ${url}\n`);
    expect((await at('https://hooks.example.com/in/')).configuration?.publicUrl).toBe('https://hooks.example.com/in');
    expect(lines(await at('ftp://hooks.example.com'))).toHaveLength(1);
    expect(lines(await at('https://hooks.example.com?x=1'))).toHaveLength(1);
    expect(lines(await at('https://me:secret@hooks.example.com'))).toHaveLength(1);
  });

  it('leaves it to the kind of each feed whether receipts and raw batches are kept, unless a pipeline says', async () => {
    const archived = async (text: string) => (await load(text)).configuration?.pipelines.map(({ archive }) => archive);
    expect(await archived(hooked(['one']))).toEqual([undefined]);
    expect(await archived(hooked(['one'], { more: '    archive: true\n' }))).toEqual([true]);
    expect(await archived(`${configText()}    archive: false\n`)).toEqual([false]);
  });

  it('lets a pipeline be acknowledged from the spool, and exactly-once only from there', async () => {
    const kafka = (text: string) =>
      text
        .replace('local: { type: log, dir: ./events }', 'local: { type: kafka, bootstrap: ["k:9092"] }')
        .replace('topic: one }', 'topic: one, marks: marks }');
    const spooled = { more: '    ack: spool\n    delivery: exactly-once\n' };
    expect(lines(await load(hooked(['one'], { more: '    ack: spool\n' })))).toEqual([]);
    expect(lines(await load(kafka(hooked(['one'], spooled))))).toEqual([]);
    const direct = lines(await load(kafka(hooked(['one'], { more: '    delivery: exactly-once\n' }))));
    expect(direct.join()).toContain('one cannot be exactly-once: events acknowledges in any order');
    expect(direct.join()).toContain('Add `ack: spool`');
  });
});
