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

export const imports = 'lint/style/noRestrictedImports';
export const clients = ['@platformatic/kafka', 'kafkajs', 'kafkajs/src/x.js', 'amqplib', '@aws-sdk/client-sqs'];
export const processes = [
  "import process from 'node:process';",
  "import { env } from 'node:process';",
  "import * as all from 'node:process';",
];

export const each = (...paths: readonly string[]) => paths.map((path) => `import '${path}';`);
