import { writeSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { connectors } from '../connectors/index.ts';
import { loadConfiguration } from '../src/config/load.ts';
import { startDaemon } from '../src/daemon.ts';
import { logSinkType } from '../src/sinks/log/index.ts';
import type { TelemetryEvent } from '../src/telemetry/events.ts';
import { createLogReporter } from '../src/telemetry/logger.ts';
import { refusingSinkType } from './refusing-sink.ts';
import type { Command, Word } from './words.ts';

/*
 * The bridge of the demo: the daemon as `feedferry run` starts it, with a sink that can be told to refuse. Runs the
 * configuration in argv[2] until it is told to stop, or until whoever tells it is gone.
 */

/** At once, so that nothing that was said is lost when the process is killed. */
function say(word: Word): void {
  writeSync(1, `${JSON.stringify(word)}\n`);
}

function retell(event: TelemetryEvent): void {
  if (event.event === 'daemon.started') say({ word: 'started', pid: event.pid });
  if (event.event !== 'batch.confirmed' && event.event !== 'batch.recognised') return;
  const [, feed = ''] = event.feed.split('/');
  say({ word: event.event === 'batch.confirmed' ? 'confirmed' : 'recognised', feed, batchId: event.batchId });
}

// Ctrl-C goes to all processes of a terminal: the demo itself decides what follows.
process.on('SIGINT', () => {});

let refusing = false;
const [file = ''] = process.argv.slice(2);
const { configuration, findings } = await loadConfiguration({
  file,
  text: await readFile(file, 'utf8'),
  connectors,
  sinkTypes: [refusingSinkType(logSinkType, () => refusing, say)],
  env: {},
  readFile: (path) => readFile(path, 'utf8'),
});
if (configuration === undefined) throw new Error(findings.map(({ message }) => message).join('; '));

const log = createLogReporter({ level: 'error', pretty: false, destination: process.stderr });
const daemon = await startDaemon({
  configuration,
  proxy: {},
  report(event) {
    log(event);
    retell(event);
  },
  pid: process.pid,
});

const commands: Record<Command, () => void> = {
  refuse: () => {
    refusing = true;
  },
  accept: () => {
    refusing = false;
  },
  stop: () => void daemon.drain('the demo is over').then(() => process.exit(0)),
};

const input = createInterface({ input: process.stdin });
input.on('line', (line) => commands[line as Command]());
input.on('close', () => process.exit(1));
