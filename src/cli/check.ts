import { type Command, Option } from 'commander';
import type { Configuration } from '../config/configuration.ts';
import type { Finding } from '../core/finding.ts';
import { checkBrokers } from './check-brokers.ts';
import { checkDownloads } from './check-downloads.ts';
import { checkDurability } from './check-durability.ts';
import { checkMailboxes } from './check-mailboxes.ts';
import { checkSenders } from './check-senders.ts';
import { checkState } from './check-state.ts';
import { checkStreams } from './check-streams.ts';
import { checkUpstreams } from './check-upstreams.ts';
import { addExample, addFileOption, type Cli, type FileOption } from './cli.ts';
import { findingCount, findingLines } from './finding-lines.ts';
import { proxyFromEnvironment } from './proxy-environment.ts';
import { findInConfiguration, readConfiguration } from './read-configuration.ts';
import { isTopologyKnown, topologyScript } from './topology.ts';

interface Options extends FileOption {
  readonly offline: boolean;
  readonly printTopology: boolean;
}

/** For each connection that is tried. */
const timeoutMs = 10_000;

async function findAround(cli: Cli, configuration: Configuration, offline: boolean): Promise<readonly Finding[]> {
  const proxy = proxyFromEnvironment(cli.host.env);
  const found = await Promise.all([
    checkSenders(configuration),
    checkDurability(configuration, cli.host.judgeDisk),
    checkState(configuration),
    ...(offline
      ? []
      : [
          checkBrokers(configuration, proxy, timeoutMs, cli.host.judgeDisk),
          checkUpstreams(configuration, proxy, timeoutMs),
          checkMailboxes(configuration, proxy, timeoutMs),
          checkStreams(configuration, proxy, timeoutMs),
          checkDownloads(configuration, proxy, timeoutMs, cli.host.judgeDisk),
        ]),
  ]);
  return found.flat();
}

async function check(cli: Cli, { config, offline }: Options): Promise<void> {
  cli.subject = config;
  const { configuration, findings: inFile } = await findInConfiguration(cli, config);
  const good: Finding = { severity: 'ok', subject: config, message: 'well-formed, and all secrets are there' };
  const findings =
    configuration === undefined ? inFile : [good, ...inFile, ...(await findAround(cli, configuration, offline))];
  for (const line of findingLines(findings)) cli.print(line);
  cli.remark(findingCount(findings));
  if (findings.some(({ severity }) => severity === 'error')) cli.exitCode = 1;
}

/** Asks the brokers alone: state and upstreams may be out of reach for whoever creates topics. */
async function printTopology(cli: Cli, { config }: Options): Promise<void> {
  const configuration = await readConfiguration(cli, config);
  if (configuration === undefined) return;
  const findings = await checkBrokers(configuration, proxyFromEnvironment(cli.host.env), timeoutMs);
  for (const line of findingLines(findings)) cli.remark(line);
  cli.remark(findingCount(findings));
  for (const line of topologyScript(findings)) cli.print(line);
  if (!isTopologyKnown(findings)) cli.exitCode = 1;
}

const topologyHelp = `
--print-topology asks the brokers alone, and creates nothing itself. Commands that would change a destination
that is there are printed as comments. What is found goes to standard error. The exit code is 0 when the brokers
could be asked, and 1 when not.`;

export function addCheck(program: Command, cli: Cli): void {
  const topology = new Option(
    '--print-topology',
    'print the commands that create what is missing at the brokers, as a shell script',
  );
  const command = program
    .command('check')
    .description('say whether `run` would work: file, secrets, state, brokers, upstreams, stores for contents')
    .option('--offline', 'without any connection', false)
    .addOption(topology.default(false).conflicts('offline'))
    .action((options: Options) => (options.printTopology ? printTopology(cli, options) : check(cli, options)))
    .addHelpText('after', topologyHelp);
  addExample(
    addFileOption(command),
    'check -c config/fenergo.yaml',
    'check -c config/fenergo.yaml --offline',
    'check -c config/fenergo-kafka.yaml --print-topology | sh',
  );
}
