import { dirname, resolve } from 'node:path';
import type { Finding } from '../core/finding.ts';
import { readBrokers } from './brokers.ts';
import type { DestinationDefinition } from './configuration.ts';
import { readDestination } from './destinations.ts';
import type { LoadOptions } from './load.ts';
import { childOf } from './node.ts';
import { parseYaml } from './parse.ts';
import { type Problem, toFindings } from './problem.ts';
import { hideSecrets } from './redact.ts';
import { resolveSecrets } from './secrets.ts';

export interface SideDestinationOptions extends Omit<LoadOptions, 'connectors'> {
  /** The name of the argument, for findings. */
  readonly name: string;
  /** One destination as under `to`, in flow YAML: `{ broker: kafka, topic: side }`. */
  readonly argument: string;
}

export interface SideDestination {
  /** Absent when there is any finding. */
  readonly destination?: DestinationDefinition;
  /** All that is wrong with the argument, placed there. */
  readonly findings: readonly Finding[];
}

/** Reads a destination that stands in no file, at the brokers of a file that has been found good. */
export async function readSideDestination(options: SideDestinationOptions): Promise<SideDestination> {
  const { name, argument, file, text, sinkTypes, env } = options;
  const problems: Problem[] = [];
  const refuse = (problem: Problem): void => void problems.push(problem);
  const sources = { env, readFile: (path: string) => options.readFile(path), baseDir: dirname(resolve(file)) };

  const written = parseYaml(text, refuse);
  const given = parseYaml(argument, refuse);
  if (written === undefined || given === undefined) return { findings: toFindings(name, problems) };
  const configuration = await resolveSecrets(written, sources, refuse);
  const { root, values } = await resolveSecrets(given, sources, refuse);
  const brokers = readBrokers(childOf(configuration.root, 'brokers'), sinkTypes, refuse);
  const destination = brokers && readDestination(root, [name], brokers, refuse);
  const findings = hideSecrets(toFindings(name, problems), new Set([...configuration.values, ...values]));
  return destination && findings.length === 0 ? { destination, findings } : { findings };
}
