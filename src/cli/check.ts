import type { Command } from 'commander';
import type { Configuration } from '../config/configuration.ts';
import type { Finding } from '../core/finding.ts';
import { checkBrokers } from './check-brokers.ts';
import { checkDurability } from './check-durability.ts';
import { checkState } from './check-state.ts';
import { checkUpstreams } from './check-upstreams.ts';
import { addExample, addFileOption, type Cli, type FileOption } from './cli.ts';
import { findingCount, findingLines } from './finding-lines.ts';
import { proxyFromEnvironment } from './proxy-environment.ts';
import { findInConfiguration } from './read-configuration.ts';

interface Options extends FileOption {
  readonly offline: boolean;
}

/** For each connection that is tried. */
const timeoutMs = 10_000;

async function findAround(cli: Cli, configuration: Configuration, offline: boolean): Promise<readonly Finding[]> {
  const proxy = proxyFromEnvironment(cli.host.env);
  const found = await Promise.all([
    checkDurability(configuration.state.dir),
    checkState(configuration),
    ...(offline
      ? []
      : [checkBrokers(configuration, proxy, timeoutMs), checkUpstreams(configuration, proxy, timeoutMs)]),
  ]);
  return found.flat();
}

export function addCheck(program: Command, cli: Cli): void {
  const command = program
    .command('check')
    .description('say whether `run` would work: file, secrets, state, brokers, upstreams')
    .option('--offline', 'without any connection', false)
    .action(async ({ config, offline }: Options) => {
      cli.subject = config;
      const { configuration, findings: inFile } = await findInConfiguration(cli, config);
      const good: Finding = { severity: 'ok', subject: config, message: 'well-formed, and all secrets are there' };
      const findings =
        configuration === undefined ? inFile : [good, ...inFile, ...(await findAround(cli, configuration, offline))];
      for (const line of findingLines(findings)) cli.print(line);
      cli.remark(findingCount(findings));
      if (findings.some(({ severity }) => severity === 'error')) cli.exitCode = 1;
    });
  addExample(addFileOption(command), 'check -c config/fenergo.yaml', 'check -c config/fenergo.yaml --offline');
}
