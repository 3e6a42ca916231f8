import type { Command } from 'commander';
import type { FenergoFeed } from '../../connectors/fenergo/feeds.ts';
import { BridgeError } from '../core/errors.ts';
import { addExample, type Cli, wholeNumber } from './cli.ts';
import { type FaultChoice, faultArgument } from './sim-faults.ts';
import { addStreamSims } from './sim-streams.ts';
import { addWapiSim } from './sim-wapi.ts';
import { addWebhookSims } from './sim-webhooks.ts';

interface Options {
  readonly port: number;
  readonly feeds: string;
  readonly events: number;
  readonly batchSize?: number;
  readonly rate?: number;
  readonly seed: number;
  readonly token?: string;
  readonly fault: readonly FaultChoice[];
}

function chosenFeeds(names: string, known: readonly FenergoFeed[]): readonly FenergoFeed[] {
  if (names === 'all') return known;
  return names.split(',').map((name) => {
    const feed = known.find((candidate) => candidate === name);
    if (feed !== undefined) return feed;
    throw new BridgeError('USAGE', `fenergo has no feed "${name}"`, { hint: `There are: ${known.join(', ')}.` });
  });
}

/** A whole configuration that carries what this simulator has into the embedded log. */
export function exampleConfiguration(baseUrl: string, token: string | undefined): string {
  const auth = token === undefined ? '' : `, auth: { bearer: ${JSON.stringify(token)} }`;
  return [
    'version: 1',
    'state: { dir: ./feedferry-state }',
    'brokers: { out: { type: log, dir: ./feedferry-events } }',
    'pipelines:',
    '  fenergo:',
    `    from: { connector: fenergo, baseUrl: "${baseUrl}", feeds: all, schedule: { every: 2s }${auth} }`,
    '    to: { broker: out }',
  ].join('\n');
}

async function simulate(cli: Cli, options: Options): Promise<void> {
  const [{ startFenergoSimulator }, { faultPresets }, { feedNames }] = await Promise.all([
    import('../../connectors/fenergo/simulator/simulator.ts'),
    import('../../connectors/fenergo/simulator/fault-presets.ts'),
    import('../../connectors/fenergo/feeds.ts'),
  ]);
  const { port, events, batchSize, rate, seed, token } = options;
  const feeds = chosenFeeds(options.feeds, feedNames);
  const faults = options.fault.map(({ name, probability }) => {
    const preset = Object.hasOwn(faultPresets, name) ? faultPresets[name] : undefined;
    if (preset !== undefined) return { ...preset, probability, times: 'always' as const };
    const hint = `There are: ${Object.keys(faultPresets).join(', ')}.`;
    throw new BridgeError('USAGE', `there is no fault "${name}"`, { hint });
  });
  const fill = feeds.map((feed) => ({
    feed,
    events,
    ...(batchSize === undefined ? {} : { batchSize }),
    ...(rate === undefined ? {} : { perSecond: rate }),
  }));

  const stopped = Promise.withResolvers<void>();
  const restore = cli.host.onSignal(() => {
    restore();
    stopped.resolve();
  });
  await using simulator = await startFenergoSimulator({
    port,
    seed,
    fill,
    ...(token === undefined ? {} : { auth: { kind: 'bearer', token } }),
  }).catch((error: Error) => {
    throw new BridgeError('LISTEN_FAILED', `the simulator cannot listen on port ${port}: ${error.message}`, {
      cause: error,
      hint: 'Choose another one with --port; 0 takes a free one.',
    });
  });
  for (const fault of faults) simulator.addFault(fault);
  cli.remark(`# A Fenergo platform at ${simulator.baseUrl} with ${events} events in each of ${feeds.length} feeds.`);
  cli.remark('# Save these lines as feedferry.yaml, and in another terminal: feedferry run');
  cli.print(exampleConfiguration(simulator.baseUrl, token));
  cli.remark('# Ctrl-C ends it.');
  await stopped.promise;
}

export function addSim(program: Command, cli: Cli): void {
  const parent = program.command('sim').description('simulated upstreams, to try things out');
  const command = parent
    .command('fenergo')
    .description('a Fenergo platform on this machine, with faults at will; runs until Ctrl-C')
    .option('--port <port>', 'on 127.0.0.1; 0 takes a free one', wholeNumber(0, 65_535), 8099)
    .option('--feeds <names>', 'comma-separated, or all', 'all')
    .option('--events <n>', 'events in each feed', wholeNumber(0, 10_000_000), 200)
    .option('--batch-size <n>', 'events in a batch', wholeNumber(1, 1_000))
    .option(
      '--rate <n>',
      'events a second that come in, in each feed; without it all wait from the start',
      wholeNumber(1, 100_000),
    )
    .option('--seed <n>', 'the same seed gives the same events and faults', wholeNumber(0, 2 ** 31 - 1), 1)
    .option('--token <text>', 'bearer token that callers must show')
    .option(
      '--fault <name[=probability]>',
      'such as 5xx, hang, truncated=0.2; can be given several times',
      faultArgument,
      [],
    )
    .action((options: Options) => simulate(cli, options));
  addExample(command, 'sim fenergo --events 5000 --rate 100 --fault 5xx=0.1 --fault complete-500-after=0.05');
  addWapiSim(parent, cli);
  addStreamSims(parent, cli);
  addWebhookSims(parent, cli);
  addExample(parent, 'sim fenergo', 'sim os1');
}
