import type { Command } from 'commander';
import type { WapiFault } from '../../connectors/wapi/simulator/options.ts';
import { BridgeError } from '../core/errors.ts';
import { addExample, type Cli, wholeNumber } from './cli.ts';
import { type FaultChoice, faultArgument } from './sim-faults.ts';

interface Options {
  readonly port: number;
  readonly events: number;
  readonly poisonEvery?: number;
  readonly seed: number;
  readonly fault: readonly FaultChoice[];
}

/** A whole configuration that polls this simulator into the embedded log, and takes commands for it. */
function exampleConfiguration(
  baseUrl: string,
  { user, password }: Readonly<Record<'user' | 'password', string>>,
): string {
  return [
    'version: 1',
    'state: { dir: ./feedferry-state }',
    'brokers: { out: { type: log, dir: ./feedferry-events } }',
    'pipelines:',
    '  wapi:',
    `    from: { connector: wapi, account: ${user}, api: { baseUrl: "${baseUrl}", user: ${user}, password: ${password} }, poll: { schedule: { every: 2s } } }`,
    '    to: { broker: out }',
  ].join('\n');
}

function chosenFaults(chosen: readonly FaultChoice[], known: readonly WapiFault[]) {
  const entries = chosen.map(({ name, probability }) => {
    const fault = known.find((one) => one === name);
    if (fault !== undefined) return [fault, probability] as const;
    throw new BridgeError('USAGE', `there is no fault "${name}"`, { hint: `There are: ${known.join(', ')}.` });
  });
  return Object.fromEntries(entries);
}

async function simulate(cli: Cli, { port, events, poisonEvery, seed, fault }: Options): Promise<void> {
  const [{ startWapiSimulator }, { wapiFaults }] = await Promise.all([
    import('../../connectors/wapi/simulator/simulator.ts'),
    import('../../connectors/wapi/simulator/options.ts'),
  ]);
  const faults = chosenFaults(fault, wapiFaults);
  const credentials = { user: 'tester', password: 'simulated-password' };
  const stopped = Promise.withResolvers<void>();
  const restore = cli.host.onSignal(() => {
    restore();
    stopped.resolve();
  });
  await using simulator = await startWapiSimulator({
    port,
    seed,
    events,
    faults,
    credentials,
    ...(poisonEvery === undefined ? {} : { poisonEvery }),
  }).catch((error: Error) => {
    throw new BridgeError('LISTEN_FAILED', `the simulator cannot listen on port ${port}: ${error.message}`, {
      cause: error,
      hint: 'Choose another one with --port; 0 takes a free one.',
    });
  });
  cli.remark(`# WAPI at ${simulator.baseUrl} with ${events} notifications in the POLL queue.`);
  cli.remark('# Save these lines as feedferry.yaml, and in another terminal: feedferry run');
  cli.print(exampleConfiguration(simulator.baseUrl, credentials));
  cli.remark('# Ctrl-C ends it.');
  await stopped.promise;
  cli.remark(`# ${simulator.marked().length} notifications were marked, ${simulator.left()} wait.`);
}

/** `sim wapi`: the queue. What is posted is sent by `sim wapi-post`. */
export function addWapiSim(parent: Command, cli: Cli): void {
  const command = parent
    .command('wapi')
    .description('WEDOS WAPI on this machine, with a POLL queue and commands; runs until Ctrl-C')
    .option('--port <port>', 'on 127.0.0.1; 0 takes a free one', wholeNumber(0, 65_535), 8098)
    .option('--events <n>', 'notifications that wait', wholeNumber(0, 1_000_000), 100)
    .option('--poison-every <n>', 'each so many, one cannot become an event', wholeNumber(2, 1_000_000))
    .option('--seed <n>', 'the same seed gives the same notifications and faults', wholeNumber(0, 2 ** 31 - 1), 1)
    .option(
      '--fault <name[=probability]>',
      'page, rate-limit, 5xx, drop, drop-after=0.2; can be given several times',
      faultArgument,
      [],
    )
    .action((options: Options) => simulate(cli, options));
  addExample(command, 'sim wapi --events 500 --fault page=0.05 --fault drop-after=0.05');
}
