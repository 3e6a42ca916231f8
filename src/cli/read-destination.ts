import { readFile } from 'node:fs/promises';
import type { DestinationDefinition } from '../config/configuration.ts';
import type { Cli } from './cli.ts';
import { findingLines } from './finding-lines.ts';

/** The destination that an argument writes; otherwise says what is wrong with it and gives undefined, with exit code 1 set. */
export async function readArgument(
  cli: Cli,
  file: string,
  argument: string,
): Promise<DestinationDefinition | undefined> {
  const [{ readSideDestination }, { sinkTypes }] = await Promise.all([
    import('../config/side-destination.ts'),
    import('../sinks/index.ts'),
  ]);
  const { destination, findings } = await readSideDestination({
    name: '--destination',
    argument,
    file,
    text: await readFile(file, 'utf8'),
    sinkTypes,
    env: cli.host.env,
    readFile: (path) => readFile(path, 'utf8'),
  });
  for (const line of findingLines(findings)) cli.remark(line);
  if (destination === undefined) cli.exitCode = 1;
  return destination;
}
