import { expect, it } from 'vitest';
import { canaries, load } from './support.ts';

const from = 'connector: fenergo, baseUrl: "https://api.example.com", feeds: [journey]';

interface Written {
  readonly from?: string;
  readonly brokers?: string;
  readonly pipeline?: string;
  readonly name?: string;
  readonly env?: Readonly<Record<string, string>>;
}

async function fingerprint(written: Written = {}) {
  const {
    brokers = 'local: { type: log, dir: ./events }',
    name = 'fenergo',
    env = { TOKEN: canaries.token },
  } = written;
  const { configuration, findings } = await load(
    `version: 1
brokers: { ${brokers}, other: { type: log, dir: ./other } }
pipelines:
  ${name}: { from: { ${written.from ?? from} }, ${written.pipeline ?? 'to: { broker: local }'} }
`,
    { env },
  );
  expect(findings).toEqual([]);
  return configuration?.pipelines[0]?.fingerprint;
}

const auth = `${from}, auth: { bearer: "\${env:TOKEN}" }`;

it('is the same for the same settings, in whatever order and under whatever name they are written', async () => {
  const reordered = 'feeds: [journey], baseUrl: "https://api.example.com", connector: fenergo';
  expect(await fingerprint({ from: reordered, name: 'crm' })).toEqual(await fingerprint());
});

it.each<[string, Written]>([
  ['what is under from', { from: `${from}, schedule: { every: 1s }` }],
  ['a destination', { pipeline: 'to: { broker: local, topic: "x" }' }],
  ['a condition', { pipeline: 'to: [{ broker: local, when: type = "a" }]' }],
  ['where dead letters go', { pipeline: 'to: { broker: local }, deadLetters: { broker: other, topic: dead }' }],
  ['the broker it names', { brokers: 'local: { type: log, dir: ./elsewhere }' }],
])('is another when %s changes', async (_what, changed) => {
  expect((await fingerprint(changed))?.whole).not.toBe((await fingerprint())?.whole);
});

it('is another when the value of a secret changes, and shows none', async () => {
  const one = await fingerprint({ from: auth });
  const other = await fingerprint({ from: auth, env: { TOKEN: 'another-token' } });
  expect(one?.whole).not.toBe(other?.whole);
  expect(one?.from).not.toBe(other?.from);
  expect(JSON.stringify(one)).not.toContain(canaries.token);
});

it('is the same when a broker changes that the pipeline does not name, and its from when only brokers change', async () => {
  const one = await fingerprint();
  expect(
    await fingerprint({ brokers: 'local: { type: log, dir: ./events }, third: { type: log, dir: ./third }' }),
  ).toEqual(one);
  expect((await fingerprint({ brokers: 'local: { type: log, dir: ./elsewhere }' }))?.from).toBe(one?.from);
});
