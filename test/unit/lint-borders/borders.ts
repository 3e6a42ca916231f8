/** What a border keeps out, and what may pass it. The lines are linted as one file in `folder`. */
export interface Border {
  readonly promise: string;
  readonly folder: string;
  /** Its name, where that matters. Default: any other. */
  readonly file?: string;
  readonly rule: string;
  readonly refused: readonly string[];
  readonly allowed: readonly string[];
}

const imports = 'lint/style/noRestrictedImports';
const clients = ['@platformatic/kafka', 'kafkajs', 'kafkajs/src/x.js', 'amqplib', '@aws-sdk/client-sqs'];
const processes = [
  "import process from 'node:process';",
  "import { env } from 'node:process';",
  "import * as all from 'node:process';",
];

const each = (...paths: readonly string[]) => paths.map((path) => `import '${path}';`);

export const borders: readonly Border[] = [
  {
    promise: 'core imports zod and nothing else of the project',
    folder: 'src/core',
    rule: imports,
    refused: [
      ...each('../kit/x.ts', '../pipeline/x.ts', '../state/x.ts', '../http/x.ts', '../daemon.ts', 'undici'),
      ...each('../../connectors/index.ts', ...clients),
      "import type { T } from '../config/x.ts';",
      "export { x } from '../telemetry/x.ts';",
      "await import('../kit/x.ts');",
      ...processes,
    ],
    allowed: each('./envelope.ts', './catalogue/state.ts', 'zod', 'node:crypto'),
  },
  {
    promise: 'a folder in core imports no more than core does',
    folder: 'src/core/catalogue',
    rule: imports,
    refused: [...each('../../kit/x.ts', '../../../connectors/index.ts', 'undici', ...clients), ...processes],
    allowed: each('./entry.ts', '../errors.ts', 'zod'),
  },
  {
    promise: 'what is offered to connectors leads them nowhere but to core',
    folder: 'src/kit',
    rule: imports,
    refused: [...each('../http/client.ts', '../config/x.ts', ...clients), ...processes],
    allowed: each('../core/errors.ts', './glob.ts', 'zod', 'croner'),
  },
  {
    promise: 'XML is read in one place',
    folder: 'src/kit/xml',
    rule: imports,
    refused: [...each('../glob.ts', '../../http/client.ts', ...clients), ...processes],
    allowed: each('../../core/errors.ts', './tree.ts', 'saxes'),
  },
  ...['src/kit', 'src/http', 'src/pipeline', 'src/sources/poll', 'src/sinks/log', 'connectors/wapi'].map((folder) => ({
    promise: `XML is read by ${folder} through the one reader`,
    folder,
    rule: imports,
    refused: each('saxes'),
    allowed: [],
  })),
  {
    promise: 'mailboxes are read in one place, which knows no server, state or configuration',
    folder: 'src/sources/mailbox',
    rule: imports,
    refused: [
      ...each('../../http/client.ts', '../../state/open.ts', '../../config/load.ts', '../../sinks/index.ts', 'saxes'),
      ...each('../../../connectors/index.ts', ...clients),
      ...processes,
    ],
    allowed: each('./session.ts', '../../core/mailbox.ts', '../../pipeline/backoff.ts', 'imapflow', 'mailparser'),
  },
  ...['src/kit', 'src/http', 'src/pipeline', 'src/sources/poll', 'src/cli', 'connectors/wapi'].map((folder) => ({
    promise: `mail is read by ${folder} through the mailbox source alone`,
    folder,
    rule: imports,
    refused: each('imapflow', 'imapflow/lib/x.js', 'mailparser'),
    allowed: [],
  })),
  {
    promise: 'the store for contents knows no pipeline, and no client of a broker',
    folder: 'src/claims',
    rule: imports,
    refused: [...each('../pipeline/download.ts', '../http/client.ts', ...clients), ...processes],
    allowed: each('../core/claims.ts', '../kit/scalars.ts', './hashed.ts', 'node:fs', '@aws-sdk/client-s3'),
  },
  {
    promise: 'verification knows requests, and no server',
    folder: 'src/http/verify',
    rule: imports,
    refused: [
      ...each(
        '../server/hooks.ts',
        '../client.ts',
        '../listener.ts',
        '../../pipeline/settle.ts',
        '../../telemetry/events.ts',
      ),
      ...each('fastify', 'node:http', '../../../connectors/index.ts', ...clients),
      ...processes,
    ],
    allowed: each('./judgement.ts', '../../core/verification.ts', '../../kit/rfc3339.ts', 'node:crypto', 'node:net'),
  },
  {
    promise: 'so do challenges',
    folder: 'src/http/challenges',
    rule: imports,
    refused: [...each('../server/hooks.ts', '../../state/open.ts', 'fastify', ...clients), ...processes],
    allowed: each('./challenge-answer.ts', '../verify/same-secret.ts', '../../core/webhook.ts', '../../kit/glob.ts'),
  },
  {
    promise: 'pipeline knows no source, sink, connector or operation, and no state, http or configuration',
    folder: 'src/pipeline',
    rule: imports,
    refused: [
      ...each(
        '../sources/poll/poll-source.ts',
        '../sinks/index.ts',
        '../sinks/log/x.ts',
        '../operations/feed-control.ts',
        '../state/open.ts',
      ),
      ...each('../http/client.ts', '../config/load.ts', '../../connectors/index.ts', '../daemon.ts', ...clients),
      ...each('../operations/create.ts'),
      "await import('../sinks/kafka/kafka-sink.ts');",
      ...processes,
    ],
    allowed: each(
      './settle.ts',
      '../core/batch.ts',
      '../kit/glob.ts',
      '../telemetry/events.ts',
      'node:timers/promises',
    ),
  },
  {
    promise: 'connectors import only core, and what is offered to them',
    folder: 'connectors/fenergo',
    rule: imports,
    refused: [
      ...each('../../src/http/client.ts', '../../src/pipeline/settle.ts', '../../src/daemon.ts', '../index.ts'),
      ...each('../other/index.ts', '../../test/support/daemon.ts', ...clients),
      ...processes,
    ],
    allowed: each('./feeds.ts', '../../src/core/errors.ts', '../../src/kit/glob.ts', 'zod', 'leven'),
  },
  {
    promise: 'a folder in a connector imports no more than the connector does',
    folder: 'connectors/fenergo/parts',
    rule: imports,
    refused: [...each('../../../src/http/client.ts', '../../other/index.ts', ...clients), ...processes],
    allowed: each('../feeds.ts', '../../../src/core/errors.ts', '../../../src/kit/glob.ts'),
  },
  {
    promise: 'a simulator may use more, but no client of a broker',
    folder: 'connectors/fenergo/simulator',
    rule: imports,
    refused: [...each(...clients), ...processes],
    allowed: each('../feeds.ts', '../../../src/http/listener.ts'),
  },
  {
    promise: 'the test of a connector may use what tests use',
    folder: 'connectors/fenergo',
    file: 'planted.test.ts',
    rule: imports,
    refused: each(...clients),
    allowed: each('../../test/conformance/connector.ts', 'vitest'),
  },
  {
    promise: 'a sink imports no other sink, and a client of its broker only in the folder of that client',
    folder: 'src/sinks/kafka',
    rule: imports,
    refused: [
      ...each('../log/log-sink.ts', '../../pipeline/lane.ts', '../../config/load.ts', '../../http/client.ts'),
      ...each(...clients),
      ...processes,
    ],
    allowed: each('./encode.ts', './kafkajs/client.ts', '../template.ts', '../../core/sink.ts', '../../kit/scalars.ts'),
  },
  ...(
    [
      ['platformatic', '@platformatic/kafka', 'kafkajs'],
      ['kafkajs', 'kafkajs', 'platformatic'],
    ] as const
  ).map(
    ([folder, own, other]): Border => ({
      promise: `the folder of the client ${own} knows that client only`,
      folder: `src/sinks/kafka/${folder}`,
      rule: imports,
      refused: [
        ...each(
          `../${other}/client.ts`,
          '../../log/log-sink.ts',
          '../../../pipeline/lane.ts',
          '../../../http/client.ts',
        ),
        ...each(...clients.filter((path) => !path.startsWith(own))),
        ...processes,
      ],
      allowed: each('./classify.ts', '../encode.ts', '../../../core/sink.ts', own),
    }),
  ),
  {
    promise: 'the sink of SQS knows the client of SQS only',
    folder: 'src/sinks/sqs',
    rule: imports,
    refused: [
      ...each('../kafka/encode.ts', '../../pipeline/lane.ts', '../../config/load.ts', '../../http/client.ts'),
      ...each(...clients.filter((path) => !path.startsWith('@aws-sdk/'))),
      ...processes,
    ],
    allowed: each('./encode.ts', '../template.ts', '../../core/sink.ts', '../../kit/scalars.ts', '@aws-sdk/client-sqs'),
  },
  {
    promise: 'the sink of RabbitMQ knows the client of its broker only, and no other sink',
    folder: 'src/sinks/rabbitmq',
    rule: imports,
    refused: [
      ...each('../kafka/encode.ts', '../../pipeline/lane.ts', '../../config/load.ts', '../../http/client.ts'),
      ...each(...clients.filter((path) => path !== 'amqplib')),
      ...processes,
    ],
    allowed: each('./encode.ts', '../template.ts', '../../core/sink.ts', '../../kit/scalars.ts', 'amqplib'),
  },
  {
    promise: 'a sink without a client has none',
    folder: 'src/sinks/log',
    rule: imports,
    refused: each('../kafka/kafka-sink.ts', '../../state/open.ts', ...clients),
    allowed: each('./encode.ts', '../template.ts', '../../core/sink.ts', 'node:fs'),
  },
  ...[
    'src',
    'src/cli',
    'src/config',
    'src/http',
    'src/operations',
    'src/sources/poll',
    'src/state',
    'src/telemetry',
  ].map(
    (folder): Border => ({
      promise: `${folder} has no client of a broker, and does not touch the process`,
      folder,
      rule: imports,
      refused: [...each(...clients), "await import('kafkajs');", ...processes],
      allowed: ["import { pid } from 'node:process';"],
    }),
  ),
  {
    promise: 'the command line has no client of a broker, but the process',
    folder: 'src',
    file: 'main.ts',
    rule: imports,
    refused: each(...clients),
    allowed: ["import process from 'node:process'; process.exitCode = process.env['CODE'] ? 1 : 0;"],
  },
  {
    promise: 'nothing but the command line uses the global process',
    folder: 'src/cli',
    rule: 'lint/correctness/noProcessGlobal',
    refused: ['process.exit(1);', "process.on('SIGTERM', () => {});", 'export const args = process.argv;'],
    allowed: ['export const started = performance.now();'],
  },
  {
    promise: 'nothing is exported without a name',
    folder: 'connectors/fenergo',
    rule: 'lint/style/noDefaultExport',
    refused: ['export default 1;'],
    allowed: ['export const one = 1;'],
  },
  {
    promise: 'no file is only a list of other files',
    folder: 'src/kit',
    rule: 'lint/performance/noBarrelFile',
    refused: ["export * from './glob.ts';"],
    allowed: ["export type { Glob } from './glob.ts';"],
  },
  {
    promise: 'no file of a connector is one either',
    folder: 'connectors/fenergo',
    rule: 'lint/performance/noBarrelFile',
    refused: ["export { normalise } from './normalise.ts';"],
    allowed: ['export const one = 1;'],
  },
  {
    promise: 'every type is known',
    folder: 'test/support',
    rule: 'lint/suspicious/noExplicitAny',
    refused: ['export const known: any = 1;', 'export const known = 1 as any;'],
    allowed: ['export const known: unknown = 1;'],
  },
  {
    promise: 'closed unions instead of enums',
    folder: 'src/core',
    rule: 'lint/style/noEnum',
    refused: ['export enum Colour { red }'],
    allowed: ["export type Colour = 'red';"],
  },
  {
    promise: 'nothing is claimed to be there that may not be',
    folder: 'test/unit',
    rule: 'lint/style/noNonNullAssertion',
    refused: ['export const first = (list: readonly string[]) => list[0]!.length;'],
    allowed: ['export const first = (list: readonly string[]) => list[0]?.length;'],
  },
];
