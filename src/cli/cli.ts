import { type Command, InvalidArgumentError } from 'commander';
import type { FeedName } from '../core/batch.ts';
import type { Host } from './host.ts';

/** What a command works with. */
export interface Cli {
  readonly host: Host;
  /** What an error is about, until the command says something more exact: a feed, a file. */
  subject: string;
  exitCode: number;
  /** Lines for people and programs on standard output. */
  print(line: string): void;
  /** Remarks on standard error. */
  remark(line: string): void;
}

export function createCli(host: Host): Cli {
  return {
    host,
    subject: 'feedferry',
    exitCode: 0,
    print: (line) => host.stdout.write(`${line}\n`),
    remark: (line) => host.stderr.write(`${line}\n`),
  };
}

export const defaultFile = 'feedferry.yaml';

export interface FileOption {
  readonly config: string;
}

export function addFileOption(command: Command): Command {
  return command.option('-c, --config <file>', 'configuration file', defaultFile);
}

/** Shown at the end of `--help`. */
export function addExample(command: Command, ...examples: readonly string[]): Command {
  const lines = examples.map((example) => `  $ feedferry ${example}`);
  return command.addHelpText('after', `\nExample${examples.length === 1 ? '' : 's'}:\n${lines.join('\n')}`);
}

/** Reads `pipeline/feed`. */
export function feedArgument(value: string): FeedName {
  if (/^[^/]+\/[^/]+$/.test(value)) return value as FeedName;
  throw new InvalidArgumentError('A feed is named pipeline/feed, as in fenergo/journey.');
}

export function wholeNumber(smallest: number, largest: number): (value: string) => number {
  return (value) => {
    const number = Number(value);
    if (/^\d+$/.test(value) && number >= smallest && number <= largest) return number;
    throw new InvalidArgumentError(`It is a whole number from ${smallest} to ${largest}.`);
  };
}

export function reasonArgument(value: string): string {
  const reason = value.trim();
  if (reason !== '') return reason;
  throw new InvalidArgumentError('It goes into the audit log, and must not be empty.');
}
