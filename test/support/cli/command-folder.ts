import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SimulatorOptions } from '../../../connectors/fenergo/simulator/options.ts';
import { type Simulator, startFenergoSimulator } from '../../../connectors/fenergo/simulator/simulator.ts';
import { closedPort } from '../closed-port.ts';

export interface CommandFolder extends AsyncDisposable {
  readonly dir: string;
  /** The configuration file. */
  readonly file: string;
  readonly simulator: Simulator;
  readonly admin: number;
  readonly health: number;
  path(name: string): string;
}

/** A folder with a configuration for two feeds of a simulator into the embedded log. `from`: more settings of it. */
export async function openCommandFolder(options: SimulatorOptions = {}, from = ''): Promise<CommandFolder> {
  await using stack = new AsyncDisposableStack();
  const dir = await mkdtemp(join(tmpdir(), 'feedferry-cli-'));
  stack.defer(() => rm(dir, { recursive: true, force: true }));
  const simulator = stack.use(await startFenergoSimulator(options));
  const [admin, health] = [await closedPort(), await closedPort()];
  const file = join(dir, 'feedferry.yaml');
  const text = [
    'version: 1',
    'state: { dir: state }',
    `listen: { admin: "127.0.0.1:${admin}", health: "127.0.0.1:${health}" }`,
    'brokers: { out: { type: log, dir: events } }',
    'pipelines:',
    '  fenergo:',
    `    from: { connector: fenergo, baseUrl: "${simulator.baseUrl}", feeds: [journey, document], schedule: { every: 1s }${from} }`,
    '    to: { broker: out }',
  ];
  await writeFile(file, `${text.join('\n')}\n`);
  const opened = stack.move();
  return {
    dir,
    file,
    simulator,
    admin,
    health,
    path: (name) => join(dir, name),
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}
