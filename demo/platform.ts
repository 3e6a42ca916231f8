import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { feedNames } from '../connectors/fenergo/feeds.ts';
import { type Simulator, startFenergoSimulator } from '../connectors/fenergo/simulator/simulator.ts';

export const batchSize = 10;
export const batchesPerFeed = 60;
export const events = feedNames.length * batchesPerFeed * batchSize;

/** How long the platform takes for an answer. */
const answerMs = 60;

/** The usual slowness of a platform. Takes the place of all other faults. */
export function answerAsUsual(simulator: Simulator): void {
  simulator.clearFaults();
  for (const call of ['next', 'complete'] as const) {
    simulator.addFault({ call, kind: 'delay', ms: answerMs, times: 'always' });
  }
}

/** From now on each complete gets lost on its way. */
export function loseCompletes(simulator: Simulator): void {
  simulator.clearFaults();
  simulator.addFault({ call: 'next', kind: 'delay', ms: answerMs, times: 'always' });
  simulator.addFault({ call: 'complete', kind: 'hang', times: 'always' });
}

export async function startPlatform(): Promise<Simulator> {
  const fill = feedNames.map((feed) => ({ feed, events: batchesPerFeed * batchSize, batchSize }));
  const simulator = await startFenergoSimulator({ fill });
  answerAsUsual(simulator);
  return simulator;
}

/** Writes what the bridge of the demo runs: the platform into the embedded log. Gives the file. */
export async function writeConfiguration(dir: string, baseUrl: string): Promise<string> {
  const file = join(dir, 'feedferry.yaml');
  await writeFile(
    file,
    `version: 1
state: { dir: ./state }
listen: { health: "127.0.0.1:0", admin: "127.0.0.1:0" }
brokers:
  out: { type: log, dir: ./events }
pipelines:
  demo:
    from: { connector: fenergo, baseUrl: "${baseUrl}", feeds: all, schedule: { every: 1s } }
    to: { broker: out, topic: "{feed}" }
`,
  );
  return file;
}
