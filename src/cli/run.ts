import { type Command, Option } from 'commander';
import type { Configuration } from '../config/configuration.ts';
import { toBridgeError } from '../core/errors.ts';
import type { Report } from '../telemetry/events.ts';
import { logLevels } from '../telemetry/log-line.ts';
import type { LogOptions } from '../telemetry/logger.ts';
import { checkDurability } from './check-durability.ts';
import { addExample, addFileOption, type Cli, type FileOption } from './cli.ts';
import { findingLines } from './finding-lines.ts';
import type { Host, StopSignal } from './host.ts';
import { proxyFromEnvironment } from './proxy-environment.ts';
import { readConfiguration } from './read-configuration.ts';

interface Options extends FileOption {
  readonly dryRun?: true;
  readonly logLevel: LogOptions['level'];
}

const interrupted = 130;

/** The first signal asks for a drain; a second SIGINT ends the process at once. */
function stopSignal(host: Host): Promise<StopSignal> {
  const { promise, resolve } = Promise.withResolvers<StopSignal>();
  let asked = false;
  host.onSignal((signal) => {
    if (asked && signal === 'SIGINT') host.exit(interrupted);
    asked = true;
    resolve(signal);
  });
  return promise;
}

/** Nothing is acknowledged on the way out: upstream sends again whatever was in flight. */
function failOnCrash(host: Host, report: Report): void {
  host.onCrash((thrown) => {
    report({ event: 'daemon.failed', error: toBridgeError(thrown) });
    host.exit(1);
  });
}

async function serve(cli: Cli, configuration: Configuration, level: LogOptions['level']): Promise<void> {
  const { host } = cli;
  const [{ startDaemon }, { createLogReporter }] = await Promise.all([
    import('../daemon.ts'),
    import('../telemetry/logger.ts'),
  ]);
  const stop = stopSignal(host);
  const report = createLogReporter({ level, pretty: host.stdout.isTTY, destination: host.stdout });
  failOnCrash(host, report);
  // It starts all the same: whoever tries it out has no volume yet.
  const warnings = (await checkDurability(configuration, host.judgeDisk)).flatMap((finding) =>
    finding.severity === 'ok' ? [] : [{ ...finding, severity: 'warning' as const }],
  );
  for (const line of findingLines(warnings)) cli.remark(line);

  const proxy = proxyFromEnvironment(host.env);
  const daemon = await startDaemon({ configuration, proxy, report, pid: host.pid });
  await daemon.drain(await stop);
}

export function addRun(program: Command, cli: Cli): void {
  const level = new Option('--log-level <level>', 'what to log').default('info');
  const command = program
    .command('run')
    .description('carry events until SIGTERM or Ctrl-C; what is in flight is finished first')
    .option('--dry-run', 'fetch one batch per feed and print its events; publish and acknowledge nothing')
    .addOption(level.choices([...logLevels, 'silent']))
    .action(async ({ config, dryRun, logLevel }: Options) => {
      const configuration = await readConfiguration(cli, config);
      if (configuration === undefined) return;
      if (dryRun) {
        const { dryRun: rehearseAll } = await import('./dry-run.ts');
        return await rehearseAll(cli, configuration);
      }
      await serve(cli, configuration, logLevel);
    });
  addExample(addFileOption(command), 'run -c config/fenergo.yaml', 'run -c config/fenergo.yaml --dry-run');
}
