import { readFile } from 'node:fs/promises';
import type { Configuration } from '../config/configuration.ts';
import { BridgeError } from '../core/errors.ts';
import type { Finding } from '../core/finding.ts';
import type { Cli } from './cli.ts';
import { findingCount, findingLines } from './finding-lines.ts';

interface Read {
  readonly configuration?: Configuration;
  readonly findings: readonly Finding[];
}

/** Reads the file and says all that is wrong with it. Rejects with CONFIG_UNREADABLE. */
export async function findInConfiguration({ host }: Cli, file: string): Promise<Read> {
  const [{ loadConfiguration }, { connectors }, { sinkTypes }] = await Promise.all([
    import('../config/load.ts'),
    import('../../connectors/index.ts'),
    import('../sinks/index.ts'),
  ]);
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new BridgeError('CONFIG_UNREADABLE', `cannot read the configuration: ${error.code ?? error.message}`, {
      cause: error,
    });
  });
  const read = (path: string) => readFile(path, 'utf8');
  return loadConfiguration({ file, text, connectors, sinkTypes, env: host.env, readFile: read });
}

/** The configuration when it is good; otherwise says what is wrong and gives undefined, with exit code 1 set. */
export async function readConfiguration(cli: Cli, file: string): Promise<Configuration | undefined> {
  cli.subject = file;
  const { configuration, findings } = await findInConfiguration(cli, file);
  for (const line of findingLines(findings)) cli.remark(line);
  if (configuration !== undefined) return configuration;
  cli.remark(`${file}: ${findingCount(findings)}`);
  cli.exitCode = 1;
  return undefined;
}
