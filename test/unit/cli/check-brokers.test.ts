import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { connectors } from '../../../connectors/index.ts';
import { checkBrokers } from '../../../src/cli/check-brokers.ts';
import { loadConfiguration } from '../../../src/config/load.ts';
import { logSinkType } from '../../../src/sinks/log/index.ts';
import { sqsSinkType } from '../../../src/sinks/sqs/index.ts';
import { createWorkplace } from '../../support/workplace.ts';

it('asks every destination of a list, and one that fails hides no other', async () => {
  await using workplace = await createWorkplace();
  await writeFile(join(workplace.path, 'file'), '');
  const { configuration } = await loadConfiguration({
    file: join(workplace.path, 'feedferry.yaml'),
    text: `version: 1
brokers: { good: { type: log, dir: ./events }, bad: { type: log, dir: ./file/events } }
pipelines:
  fenergo:
    from: { connector: fenergo, baseUrl: "http://127.0.0.1:1", feeds: [journey] }
    to: [{ broker: bad }, { broker: good, when: /data/payload }]
`,
    connectors,
    sinkTypes: [logSinkType],
    env: {},
    readFile: async () => '',
  });
  if (configuration === undefined) throw new Error('the configuration is refused');
  const findings = await checkBrokers(configuration, {}, 5_000);
  const told = findings.map(({ severity, message }) => `${severity} ${message}`);
  expect(told[0]).toContain('error cannot write the log of broker bad');
  expect(told[1]).toContain('ok writable');
  expect(told.filter((line) => line.startsWith('error'))).toHaveLength(1);
});

it('asks where the copies of dead letters go, and names what it finds after the pipeline', async () => {
  await using workplace = await createWorkplace();
  const { configuration } = await loadConfiguration({
    file: join(workplace.path, 'feedferry.yaml'),
    text: `version: 1
brokers: { good: { type: log, dir: ./events }, gone: { type: sqs, region: eu-central-1, endpoint: "http://127.0.0.1:1", credentials: { accessKeyId: a, secretAccessKey: canary-4711 } } }
pipelines:
  fenergo:
    from: { connector: fenergo, baseUrl: "http://127.0.0.1:1", feeds: [journey, document] }
    to: { broker: good }
    deadLetters: { broker: good, topic: "dead.{subject}" }
  other:
    from: { connector: fenergo, baseUrl: "http://127.0.0.2:1", feeds: [journey, document] }
    to: { broker: good }
    deadLetters: { broker: gone, queue: "dead-{feed}-{type}" }
`,
    connectors,
    sinkTypes: [logSinkType, sqsSinkType],
    env: {},
    readFile: async () => '',
  });
  if (configuration === undefined) throw new Error('the configuration is refused');
  const findings = await checkBrokers(configuration, {}, 5_000);
  const told = findings.map(({ subject, severity, message }) => `${subject} ${severity} ${message}`);
  expect(told.filter((line) => line.startsWith('other deadLetters ok'))).toEqual([
    expect.stringContaining('depends on the event'),
  ]);
  expect(told.filter((line) => line.includes('writable, and syncs'))).toHaveLength(1);
  expect(told.join()).not.toContain('canary');
});
