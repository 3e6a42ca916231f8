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
import { findInConfiguration, readConfiguration } from './read-configuration.ts';
import { contentDigest, watchFile } from './watch-file.ts';

interface Options extends FileOption {
  readonly dryRun?: true;
  readonly watch?: true;
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

/** A SIGHUP that comes before there is a daemon is answered when there is one: it ends no process. */
function hangupSignal(host: Host): { answer(handler: () => void): void } {
  let handler: (() => void) | undefined;
  let early = false;
  host.onHangup(() => {
    early = true;
    handler?.();
  });
  return {
    answer(given) {
      handler = given;
      if (early) given();
    },
  };
}

/** Nothing is acknowledged on the way out: upstream sends again whatever was in flight. */
function failOnCrash(host: Host, report: Report): void {
  host.onCrash((thrown) => {
    report({ event: 'daemon.failed', error: toBridgeError(thrown) });
    host.exit(1);
  });
}

interface Serve {
  readonly level: LogOptions['level'];
  /** Digest of the file's content from before it was read; undefined: it is not watched. */
  readonly watched: string | undefined;
}

async function serve(cli: Cli, configuration: Configuration, { level, watched }: Serve): Promise<void> {
  const { host } = cli;
  const [{ startDaemon }, { createLogReporter }] = await Promise.all([
    import('../daemon.ts'),
    import('../telemetry/logger.ts'),
  ]);
  const stop = stopSignal(host);
  const hangup = hangupSignal(host);
  const report = createLogReporter({ level, pretty: host.stdout.isTTY, destination: host.stdout });
  failOnCrash(host, report);
  // It starts all the same: whoever tries it out has no volume yet.
  const warnings = (await checkDurability(configuration, host.judgeDisk)).flatMap((finding) =>
    finding.severity === 'ok' ? [] : [{ ...finding, severity: 'warning' as const }],
  );
  for (const line of findingLines(warnings)) cli.remark(line);

  const proxy = proxyFromEnvironment(host.env);
  const { file } = configuration;
  const read = () => findInConfiguration(cli, file);
  const daemon = await startDaemon({ configuration, read, proxy, report, pid: host.pid });
  // What comes of it is in the log; it rejects when the daemon ends.
  const reload = (trigger: string) => void daemon.reload(trigger).catch(() => {});
  hangup.answer(() => reload('SIGHUP'));
  using _watch = watched === undefined ? undefined : watchFile(file, watched, () => reload(`${file} has changed`));
  await daemon.drain(await stop);
}

export function addRun(program: Command, cli: Cli): void {
  const level = new Option('--log-level <level>', 'what to log').default('info');
  const command = program
    .command('run')
    .description('carry events until SIGTERM or Ctrl-C; what is in flight is finished first')
    .option('--dry-run', 'fetch one batch per feed and print its events; publish and acknowledge nothing')
    .option('--watch', 'reload when the content of the configuration file changes; SIGHUP reloads it always')
    .addOption(level.choices([...logLevels, 'silent']))
    .action(async ({ config, dryRun, watch, logLevel }: Options) => {
      const watched = watch && (await contentDigest(config));
      const configuration = await readConfiguration(cli, config);
      if (configuration === undefined) return;
      if (dryRun) {
        const { dryRun: rehearseAll } = await import('./dry-run.ts');
        return await rehearseAll(cli, configuration);
      }
      await serve(cli, configuration, { level: logLevel, watched });
    });
  addExample(addFileOption(command), 'run -c config/fenergo.yaml', 'run -c config/fenergo.yaml --dry-run');
}
