import type { Command } from 'commander';
import type { StreamFault, StreamServer } from '../../connectors/sse/simulator/stream-server.ts';
import { BridgeError } from '../core/errors.ts';
import { addExample, type Cli, wholeNumber } from './cli.ts';
import { type FaultChoice, faultArgument } from './sim-faults.ts';

interface Options {
  readonly port: number;
  readonly events: number;
  readonly rate: number;
  readonly token?: string;
  readonly pieces?: number;
  readonly fault: readonly FaultChoice[];
}

/** By the name of the option. Each is the fate of a whole connection. */
const faults: Readonly<Record<string, StreamFault>> = {
  silent: { kind: 'silent' },
  cut: { kind: 'cut' },
  end: { kind: 'end', after: 10 },
  endless: { kind: 'endless', bytes: 100 * 1024 ** 2 },
  '503': { kind: 'status', status: 503 },
  'web-page': { kind: 'web-page' },
  'auth-failed': { kind: 'refuse', refusal: { word: 'auth_failed', form: 'text', emptyLines: 2 } },
  'auth-required': { kind: 'refuse', refusal: { word: 'auth_required', form: 'json' } },
  'not-accepted': { kind: 'refuse', refusal: { word: 'not_accepted', form: 'data' } },
};

interface SimulatedStream {
  readonly name: 'gini' | 'sse';
  readonly description: string;
  readonly port: number;
  start(options: {
    readonly port: number;
    readonly pieceBytes?: number;
    readonly token?: () => string;
  }): Promise<{ readonly server: StreamServer; tell(number: number): void }>;
  /** Flow YAML under `from`, beside what all have. */
  readonly from: string;
}

const streams: readonly SimulatedStream[] = [
  {
    name: 'gini',
    description: 'Gini telling of documents on this machine, with faults at will; runs until Ctrl-C',
    port: 8097,
    async start(options) {
      const { startGiniSimulator, lifeOf } = await import('../../connectors/gini/simulator/gini-server.ts');
      const server = await startGiniSimulator(options);
      return {
        server,
        tell(number) {
          const { documentId, status } = lifeOf(number);
          server.tell(documentId, status);
        },
      };
    },
    from: '',
  },
  {
    name: 'sse',
    description: 'a stream of server-sent events on this machine, with faults at will; runs until Ctrl-C',
    port: 8096,
    async start({ token, ...options }) {
      const { startStreamServer } = await import('../../connectors/sse/simulator/stream-server.ts');
      const authorized =
        token &&
        ((request: { readonly authorization: string | undefined }) => request.authorization === `Bearer ${token()}`);
      const server = await startStreamServer({ ...options, ...(authorized && { authorized }) });
      return {
        server,
        tell: (number) => void server.send(JSON.stringify({ id: `e-${number}`, key: `k-${number % 50}` })),
      };
    },
    from: `, path: events, errors: { auth: [auth_failed, auth_required], fatal: [not_accepted] }, event: { id: /body/id, type: '"com.example.simulated"', partitionkey: /body/key }`,
  },
];

function exampleConfiguration({ name, from }: SimulatedStream, baseUrl: string, token: string | undefined): string {
  const auth = token === undefined ? '' : `, auth: { bearer: ${JSON.stringify(token)} }`;
  return [
    'version: 1',
    'state: { dir: ./feedferry-state }',
    'brokers: { out: { type: log, dir: ./feedferry-events } }',
    'pipelines:',
    `  ${name}:`,
    `    from: { connector: ${name}, account: acme, baseUrl: "${baseUrl}"${auth}${from} }`,
    '    to: { broker: out }',
    '    bridgeEvents: { broker: out, topic: feedferry.events }',
  ].join('\n');
}

function fateOf(chosen: readonly FaultChoice[]): () => StreamFault | undefined {
  const known = chosen.map(({ name, probability }) => {
    const fault = Object.hasOwn(faults, name) ? faults[name] : undefined;
    if (fault !== undefined) return { fault, probability };
    const hint = `There are: ${Object.keys(faults).join(', ')}.`;
    throw new BridgeError('USAGE', `there is no fault "${name}"`, { hint });
  });
  return () => known.find(({ probability }) => Math.random() < probability)?.fault;
}

async function simulate(cli: Cli, stream: SimulatedStream, options: Options): Promise<void> {
  const { port, events, rate, token, pieces } = options;
  const fate = fateOf(options.fault);
  const { server, tell } = await stream
    .start({
      port,
      ...(pieces === undefined ? {} : { pieceBytes: pieces }),
      ...(token === undefined ? {} : { token: () => token }),
    })
    .catch((error: Error) => {
      throw new BridgeError('LISTEN_FAILED', `the simulator cannot listen on port ${port}: ${error.message}`, {
        cause: error,
        hint: 'Choose another one with --port; 0 takes a free one.',
      });
    });
  await using _closing = server;
  const stopped = Promise.withResolvers<void>();
  const restore = cli.host.onSignal(() => {
    restore();
    stopped.resolve();
  });
  cli.remark(`# A stream at ${server.origin}: ${events} events, ${rate} a second, once somebody listens.`);
  cli.remark('# Save these lines as feedferry.yaml, and in another terminal: feedferry run');
  cli.print(exampleConfiguration(stream, server.origin, token));
  cli.remark('# Ctrl-C ends it.');
  const ticksPerSecond = Math.min(rate, 50);
  let due = 0;
  const timer = setInterval(() => {
    server.failAlways(fate());
    if (server.open === 0) return;
    due += rate / ticksPerSecond;
    for (; due >= 1 && server.sent < events; due -= 1) tell(server.sent);
  }, 1_000 / ticksPerSecond);
  await stopped.promise;
  clearInterval(timer);
}

/** `sim gini`, `sim sse`. */
export function addStreamSims(parent: Command, cli: Cli): void {
  for (const stream of streams) {
    const command = parent
      .command(stream.name)
      .description(stream.description)
      .option('--port <port>', 'on 127.0.0.1; 0 takes a free one', wholeNumber(0, 65_535), stream.port)
      .option('--events <n>', 'events in all', wholeNumber(1, 100_000_000), 1_000)
      .option('--rate <n>', 'events a second', wholeNumber(1, 100_000), 10)
      .option('--token <text>', 'bearer token that callers must show')
      .option(
        '--pieces <bytes>',
        'what is sent goes out in such pieces, which cut characters too',
        wholeNumber(1, 65_536),
      )
      .option(
        '--fault <name[=probability]>',
        'what becomes of a connection: silent, cut, end, endless, 503, web-page, auth-failed, auth-required, not-accepted; can be given several times',
        faultArgument,
        [],
      )
      .action((options: Options) => simulate(cli, stream, options));
    addExample(command, `sim ${stream.name} --rate 100 --pieces 3 --fault cut=0.3 --fault auth-failed=0.1`);
  }
}
