import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import type { Configuration } from '../../../src/config/configuration.ts';
import type { Auth } from '../../../src/core/http.ts';
import { canaries, configText, lines, load } from './support.ts';

function endpoint(configuration: Configuration | undefined) {
  const arrival = configuration?.pipelines[0]?.feeds[0]?.arrival;
  if (arrival === undefined) throw new Error('the configuration was refused');
  if (arrival.endpoint === undefined) throw new Error('it has no endpoint');
  return arrival.endpoint;
}

function tokenOf(auth: Auth): string | undefined {
  return auth.kind === 'bearer' ? auth.token.reveal() : undefined;
}

const bearer = (value: string) => configText({ from: `      auth: { bearer: ${value} }` });
const header = (value: string) => configText({ from: `      headers: { x-key: ${value} }` });

test('a reference to the environment is replaced, and knows where it came from', async () => {
  const { auth } = endpoint((await load(bearer('"${env:API_KEY}"'))).configuration);
  expect(tokenOf(auth)).toBe(canaries.key);
  expect(auth.kind === 'bearer' && auth.token.origin).toBe('${env:API_KEY}');
});

test('a reference is replaced in the middle of a text, and more than once', async () => {
  const { headers } = endpoint((await load(header('"Key ${env:API_USER}/${env:API_KEY}."'))).configuration);
  expect(headers['x-key']?.reveal()).toBe(`Key ferry/${canaries.key}.`);
});

test('one line break at the end of a file is cut, and nothing else', async () => {
  const readFile = async () => ' two \n\n';
  const { tls } = endpoint(
    (await load(configText({ from: '      tls: { ca: "-----BEGIN ${file:/ca}" }' }), { readFile })).configuration,
  );
  expect(tls.ca?.reveal()).toBe('-----BEGIN  two \n');
});

test('a relative path begins at the folder of the configuration file', async () => {
  const asked: string[] = [];
  const readFile = async (path: string) => {
    asked.push(path);
    return 'x';
  };
  await load(bearer('"${file:secrets/token}"'), { readFile });
  expect(asked).toEqual(['/etc/secrets/token']);
});

test('a secret that is used twice is read once', async () => {
  let reads = 0;
  const readFile = async () => `value-${++reads}`;
  const text = configText({ from: '      headers: { a: "${file:/t}", b: "${file:/t}" }' });
  const { headers } = endpoint((await load(text, { readFile })).configuration);
  expect([headers['a']?.reveal(), headers['b']?.reveal()]).toEqual(['value-1', 'value-1']);
});

test('a value is never read as YAML, nor searched for references', async () => {
  const API_KEY = '${env:FENERGO_TOKEN}: [1, 2] # "';
  const { headers } = endpoint((await load(header('"${env:API_KEY}"'), { env: { API_KEY } })).configuration);
  expect(headers['x-key']?.reveal()).toBe(API_KEY);
});

test('$${ stands for the two characters themselves', async () => {
  const { headers } = endpoint((await load(header('"$${env:ABSENT} $$ $5 {x} $$${y}"'))).configuration);
  expect(headers['x-key']?.reveal()).toBe('${env:ABSENT} $$ $5 {x} $${y}');
});

test('nothing is looked up for comments and keys', async () => {
  const loaded = await load(`# \${env:ABSENT} \${file:/absent}\n${configText({ rest: '  "${env:API_KEY}": {}' })}`);
  expect(lines(loaded)).toEqual([
    expect.stringContaining('5:3 CONFIG_INVALID The name "${env:API_KEY}" is not accepted.'),
    expect.stringContaining('5:21 CONFIG_MISSING_KEY brokers.${env:API_KEY} lacks "type".'),
  ]);
});

test('what every object inherits is no environment variable', async () => {
  expect(lines(await load(bearer('"${env:constructor}"')))[0]).toContain(
    'SECRET_MISSING ${env:constructor} is not set.',
  );
});

test('a missing secret is one finding, whatever the schema would say of its absence', async () => {
  const text = configText().replace('https://api.example.com', '"${env:ABSENT}${file:/absent}"');
  expect(lines(await load(text)).map((line) => line.split(' ')[1])).toEqual(['SECRET_MISSING', 'SECRET_MISSING']);
});

test('plain text takes a reference as any other text', async () => {
  const env = { BASE: 'https://env.example.com', PORT: '9999' };
  const text = configText({ rest: 'listen: { health: "127.0.0.1:${env:PORT}" }' });
  const { configuration } = await load(text.replace('https://api.example.com', '${env:BASE}/api'), { env });
  expect(endpoint(configuration).baseUrl).toBe('https://env.example.com/api');
  expect(configuration?.listen.health).toEqual({ host: '127.0.0.1', port: 9999 });
});

test('no secret is ever printed: not from a configuration that is good', async () => {
  const text = configText({
    from: `      auth: { basic: { username: "\${env:API_USER}", password: "\${env:API_KEY}" } }
      headers: { authorization: "Bearer \${env:FENERGO_TOKEN}", x-file: "\${file:/run/secrets/kafka}", x-plain: in-the-file }`,
    rest: 'listen: { admin: { address: "0.0.0.0:9090", token: "${env:ADMIN_TOKEN}" } }',
  });
  const { configuration } = await load(text);
  expect(endpoint(configuration).headers['x-file']?.reveal()).toBe(canaries.file);
  const printed = [
    JSON.stringify(configuration),
    inspect(configuration, { depth: null, showHidden: true }),
    inspect(configuration, { depth: null, customInspect: false }),
  ].join('\n');
  for (const secret of [...Object.values(canaries), 'in-the-file']) expect(printed).not.toContain(secret);
});

test('no secret is ever printed: not from a finding about the text that holds it', async () => {
  const secrets = { FEED: 'canary-feed', TOPIC: 'canary-{topic', URL: 'canary://url', PORT: '127.0.0.1:canary' };
  const text = `version: 1
state: { dir: "\${env:FEED}", keepReceipts: "\${env:FEED}" }
listen: { health: "\${env:PORT}" }
brokers:
  local: { type: log, dir: ./events }
pipelines:
  fenergo:
    from:
      connector: "\${env:FEED}"
      baseUrl: x
    to: { broker: local, topic: "\${env:TOPIC}" }
  other:
    from: { connector: fenergo, baseUrl: "\${env:URL}", feeds: ["\${env:FEED}"], partitionBy: "\${env:FEED}", auth: { bearer: ["\${env:FEED}"] } }
    to: { broker: "\${env:FEED}" }
`;
  const loaded = await load(text, { env: secrets });
  expect(loaded.findings.length).toBeGreaterThan(7);
  const printed = inspect(loaded, { depth: null }) + JSON.stringify(loaded);
  expect(printed).not.toContain('canary');
});

test('a schema that repeats a value it got from a reference is silenced', async () => {
  const { connectors } = await import('../../../connectors/index.ts');
  const { z } = await import('zod');
  const { text } = await import('../../../src/kit/scalars.ts');
  const chatty = z.strictObject({
    connector: z.literal('fenergo'),
    baseUrl: text().superRefine((value, context) => context.addIssue({ code: 'custom', message: `no ${value} here` })),
    feeds: z.unknown(),
  });
  const loaded = await load(configText().replace('https://api.example.com', '"<${env:API_KEY}>"'), {
    connectors: connectors.map((connector) => ({ ...connector, config: chatty })),
  });
  expect(lines(loaded)).toEqual([expect.stringContaining('No <[secret]> here.')]);
});
