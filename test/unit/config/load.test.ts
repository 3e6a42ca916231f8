import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { configText, lines, load } from './support.ts';

const folder = join(import.meta.dirname, '../../fixtures/config/good');

test.each(await readdir(folder))('%s is accepted', async (name) => {
  const loaded = await load(await readFile(join(folder, name), 'utf8'));
  expect(lines(loaded)).toEqual([]);
  expect(loaded.configuration?.pipelines.length).toBeGreaterThan(0);
});

const examples = join(import.meta.dirname, '../../../config');

test.each((await readdir(examples)).filter((name) => name.endsWith('.yaml')))(
  'the example %s lacks nothing but its secrets',
  async (name) => {
    const found = lines(await load(await readFile(join(examples, name), 'utf8')));
    expect(found.filter((line) => !line.includes(' SECRET_MISSING '))).toEqual([]);
  },
);

test('what is left out has the documented default', async () => {
  const { configuration } = await load(configText());
  expect(configuration).toMatchObject({
    file: '/etc/feedferry.yaml',
    baseDir: '/etc',
    state: {
      dir: '/etc/feedferry-state',
      keepReceiptsMs: 30 * 86_400_000,
      keepRawMs: 7 * 86_400_000,
      spool: { maxBytes: 1024 ** 3 },
    },
    listen: {
      health: { host: '127.0.0.1', port: 9091 },
      admin: { host: '127.0.0.1', port: 9090, token: undefined },
    },
  });
  expect(configuration?.pipelines[0]?.feeds[0]?.arrival).toMatchObject({
    endpoint: {
      auth: { kind: 'none' },
      timeouts: { connect: 5_000, headers: 30_000, body: 60_000 },
      maxResponseBytes: 64 * 1024 ** 2,
    },
    schedule: { kind: 'every', everyMs: 15_000, jitter: 0.1 },
  });
});

test('a pipeline knows where copies of its dead letters go, and the state where its folder is written', async () => {
  const { configuration } = await load(await readFile(join(folder, 'dead-letters.yaml'), 'utf8'));
  expect(configuration?.pipelines.map(({ deadLetters }) => deadLetters?.destination)).toMatchObject([
    { topic: '{pipeline}.dead' },
    { exchange: 'fenergo' },
    { topic: '{type}' },
    { queue: 'dead-{feed}.fifo' },
  ]);
  expect(configuration?.pipelines[0]?.deadLetters).toMatchObject({ name: 'deadLetters', when: undefined });
  expect(configuration?.state.position).toBeUndefined();
  const written = await load(configText({ rest: 'state: { dir: /data }' }));
  expect(written.configuration?.state.position).toBe('/etc/feedferry.yaml:4:15');
  expect(written.configuration?.pipelines[0]?.deadLetters).toBeUndefined();
});

test('a pipeline knows its connector, its feeds, its broker and where it stands', async () => {
  const { configuration } = await load(await readFile(join(folder, 'everything.yaml'), 'utf8'));
  const [first, second] = configuration?.pipelines ?? [];
  expect(first).toMatchObject({
    name: 'fenergo',
    connector: { name: 'fenergo' },
    to: [
      { brokerName: 'kafka', sinkType: { type: 'kafka' }, destination: { topic: 'fenergo.{feed}', mode: 'binary' } },
    ],
    position: '/etc/feedferry.yaml:16:3',
  });
  expect(first?.feeds.map(({ name }) => name)).toEqual(['journey', 'entitydata']);
  expect(second?.to).toMatchObject([{ brokerName: 'local', broker: { dir: './events', segmentAge: 3_600_000 } }]);
  expect(configuration?.state.dir).toBe('/data');
  expect(configuration?.listen).toMatchObject({
    health: { host: '::1', port: 0 },
    admin: { host: '0.0.0.0', port: 9090 },
  });
  expect(configuration?.listen.admin.token?.origin).toBe('${env:ADMIN_TOKEN}');
});

describe('the admin listener without a token', () => {
  test.each(['127.0.0.1:0', '127.1.2.3:80', 'localhost:9090', '[::1]:9090', '[::ffff:127.0.0.1]:9090'])(
    'is opened at %s',
    async (address) => {
      expect(lines(await load(configText({ rest: `listen: { admin: "${address}" }` })))).toEqual([]);
    },
  );

  test.each(['0.0.0.0:9090', '[::]:9090', '10.0.0.1:9090', 'bridge.example.com:9090', 'localhost.example.com:1'])(
    'is refused at %s',
    async (address) => {
      const found = lines(await load(configText({ rest: `listen: { admin: "${address}" }` })));
      expect(found).toEqual([expect.stringMatching(/^4:18 CONFIG_UNSAFE /)]);
    },
  );
});

test.each([
  '9090',
  ':9090',
  '127.0.0.1',
  '127.0.0.1:',
  '127.0.0.1:65536',
  '256.0.0.1:1',
  '::1:9090',
  '[::1]',
  '[x]:1',
  'a b:1',
  '-a:1',
  'http://localhost:1',
])('the address %j is refused', async (address) => {
  const found = lines(await load(configText({ rest: `listen: { health: "${address}" }` })));
  expect(found).toEqual([expect.stringMatching(/^4:19 CONFIG_INVALID listen\.health .*host:port/)]);
});

test('two listeners may both leave the port to the system', async () => {
  const text = configText({ rest: 'listen: { health: "127.0.0.1:0", admin: "127.0.0.1:0" }' });
  expect(lines(await load(text))).toEqual([]);
});

test('the same feed at another upstream or of another tenant is another feed', async () => {
  const text = `version: 1
brokers:
  local: { type: log, dir: ./events }
pipelines:
  a: { from: { connector: fenergo, baseUrl: https://a.example.com, feeds: all }, to: { broker: local } }
  b: { from: { connector: fenergo, baseUrl: https://b.example.com, feeds: all }, to: { broker: local } }
  c: { from: { connector: fenergo, baseUrl: https://a.example.com, headers: { X-Tenant-Id: t }, feeds: all }, to: { broker: local } }
`;
  expect(lines(await load(text))).toEqual([]);
});

describe('the error texts of the design', () => {
  test('a feed in the wrong case', async () => {
    const text = await readFile(join(folder, '../bad/feed-wrong-case.yaml'), 'utf8');
    const { findings } = await load(text, { file: 'feedferry.yaml' });
    expect(findings.map(({ subject }) => subject)).toEqual(['feedferry.yaml:19:15']);
    expect(lines({ findings })).toEqual([
      '19:15 CONFIG_UNKNOWN_FEED fenergo has no feed "Journey"; names are case-sensitive. Did you mean "journey"?',
    ]);
  });

  test('a setting that can lose confirmed events', async () => {
    const text = `version: 1
brokers: { kafka: { type: kafka, bootstrap: ["127.0.0.1:9092"] } }
pipelines:
  fenergo:
    from:
      { connector: fenergo, baseUrl: https://api.example.com, feeds: all }
    to: { broker: kafka, topic: "{pipeline}.{feed}", acks: 1 }
`;
    const { findings } = await load(text, { file: 'feedferry.yaml' });
    expect(findings.map(({ subject }) => subject)).toEqual(['feedferry.yaml:7:60']);
    expect(lines({ findings })[0]).toMatch(
      /^7:60 CONFIG_UNSAFE acks: 1 can lose confirmed events\. Remove it \(default: all\)/,
    );
  });
});
