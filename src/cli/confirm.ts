import { createInterface } from 'node:readline/promises';
import { BridgeError } from '../core/errors.ts';
import type { Cli } from './cli.ts';

/**
 * Asks before what cannot be undone. `yes` is the answer given beforehand; without it, and without a person to ask,
 * rejects with USAGE. Gives whether to go on.
 */
export async function confirm(cli: Cli, question: string, yes: boolean): Promise<boolean> {
  const { stdin, stderr } = cli.host;
  if (yes) return true;
  if (!stdin.isTTY || !stderr.isTTY) {
    throw new BridgeError('USAGE', 'this cannot be undone, and there is no terminal to ask on', {
      hint: 'Give --yes to go on without a question.',
    });
  }
  cli.remark(question);
  stderr.write('Type yes to go on: ');
  const lines = createInterface({ input: stdin.stream });
  try {
    for await (const line of lines) return line.trim().toLowerCase() === 'yes';
    return false;
  } finally {
    lines.close();
  }
}
