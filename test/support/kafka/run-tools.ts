import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const tools = ['kafka-topics.sh', 'kafka-configs.sh'];
const standIn = join(import.meta.dirname, 'stand-in-tools.ts');

/** Runs a script as a shell does, with stand-ins for Kafka's tools. Rejects when one of its commands fails. */
export async function runTools(script: string): Promise<void> {
  const functions = tools.map((tool) => `${tool}() { '${process.execPath}' '${standIn}' ${tool} "$@"; }`);
  // The shell that allows such names for functions.
  await run('bash', ['-euc', [...functions, script].join('\n')], { timeout: 60_000 });
}
