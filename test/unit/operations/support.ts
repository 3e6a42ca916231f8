import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SimulatorOptions } from '../../../connectors/fenergo/simulator/options.ts';
import { startFenergoSimulator } from '../../../connectors/fenergo/simulator/simulator.ts';
import { connectors } from '../../../connectors/index.ts';
import { openArchiveOf } from '../../../src/archive-of.ts';
import type { Configuration } from '../../../src/config/configuration.ts';
import { loadConfiguration } from '../../../src/config/load.ts';
import type { Archive } from '../../../src/core/archive.ts';
import type { FeedName } from '../../../src/core/batch.ts';
import type { FeedState } from '../../../src/core/feed-state.ts';
import { createOperations } from '../../../src/operations/create.ts';
import type { FeedControl } from '../../../src/operations/feed-control.ts';
import { sinkTypes } from '../../../src/sinks/index.ts';
import { openState } from '../../../src/state/open.ts';
import type { TelemetryEvent } from '../../../src/telemetry/events.ts';

export const feed = 'fenergo/journey';

/** `deadLetters`: what stands there, in flow YAML. The broker `bad` can never be written. */
export async function configurationFor(baseUrl: string, dir: string, deadLetters?: string): Promise<Configuration> {
  const text = [
    'version: 1',
    'state: { dir: state }',
    'brokers: { out: { type: log, dir: events }, bad: { type: log, dir: /dev/null/events } }',
    'pipelines:',
    '  fenergo:',
    `    from: { connector: fenergo, baseUrl: "${baseUrl}", feeds: [journey, document], timeouts: { headers: 1s } }`,
    '    to: { broker: out }',
    ...(deadLetters === undefined ? [] : [`    deadLetters: ${deadLetters}`]),
  ].join('\n');
  const readFile = async () => '';
  const file = join(dir, 'feedferry.yaml');
  const { configuration, findings } = await loadConfiguration({ file, text, connectors, sinkTypes, env: {}, readFile });
  if (configuration === undefined) throw new Error(JSON.stringify(findings));
  return configuration;
}

/** A control whose feeds do nothing but remember how they were steered. */
export function fakeControl(initial: FeedState): { readonly control: FeedControl; readonly steered: string[] } {
  const states = new Map<FeedName, FeedState>([[feed, initial]]);
  const steered: string[] = [];
  return {
    steered,
    control: {
      feeds: [...states.keys()],
      state: (name) => states.get(name) ?? 'running',
      async pause(name) {
        steered.push('pause');
        states.set(name, 'paused');
      },
      async resume(name) {
        steered.push('resume');
        states.set(name, 'running');
      },
    },
  };
}

export interface Laboratory extends AsyncDisposable {
  readonly simulator: Awaited<ReturnType<typeof startFenergoSimulator>>;
  readonly state: Awaited<ReturnType<typeof openState>>;
  readonly archive: Archive;
  readonly configuration: Configuration;
  readonly events: TelemetryEvent[];
  /** The folder of the log `out`. */
  readonly logDir: string;
  operations(control?: FeedControl, signal?: AbortSignal): ReturnType<typeof createOperations>;
}

/** A real upstream and a real state in a folder of their own; retries follow at once. */
export async function openLaboratory(options: SimulatorOptions = {}, deadLetters?: string): Promise<Laboratory> {
  await using stack = new AsyncDisposableStack();
  const dir = await mkdtemp(join(tmpdir(), 'feedferry-operations-'));
  stack.defer(() => rm(dir, { recursive: true, force: true }));
  const simulator = stack.use(await startFenergoSimulator(options));
  const configuration = await configurationFor(simulator.baseUrl, dir, deadLetters);
  const state = stack.use(await openState({ dir: configuration.state.dir, mode: 'exclusive' }));
  const events: TelemetryEvent[] = [];
  const archive = stack.use(openArchiveOf(configuration, (event) => events.push(event)));
  const opened = stack.move();
  return {
    simulator,
    state,
    archive,
    configuration,
    events,
    logDir: join(dir, 'events'),
    operations: (control, signal) =>
      createOperations({
        configuration,
        state,
        archive,
        proxy: {},
        report: (event) => events.push(event),
        backoff: { baseMs: 1, capMs: 1, jitter: 'upwards' },
        copyMs: 500,
        ...(control === undefined ? {} : { control }),
        ...(signal === undefined ? {} : { signal }),
      }),
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}
