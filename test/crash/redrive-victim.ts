import { readFile } from 'node:fs/promises';
import { connectors } from '../../connectors/index.ts';
import { openArchiveOf } from '../../src/archive-of.ts';
import { loadConfiguration } from '../../src/config/load.ts';
import { createOperations } from '../../src/operations/create.ts';
import { sinkTypes } from '../../src/sinks/index.ts';
import { openState } from '../../src/state/open.ts';

/* Run as a process of its own: redrives a dead letter, and dies when that is confirmed and the letter about to be closed. */

const [, , file = '', id = ''] = process.argv;
const text = await readFile(file, 'utf8');
const { configuration } = await loadConfiguration({
  file,
  text,
  connectors,
  sinkTypes,
  env: {},
  readFile: (path) => readFile(path, 'utf8'),
});
if (configuration === undefined) throw new Error('the configuration is refused');
const state = await openState({ ...configuration.state, mode: 'exclusive' });
const dying: typeof state = Object.assign(Object.create(state), {
  deadLetters: {
    ...state.deadLetters,
    async close() {
      process.kill(process.pid, 'SIGKILL');
      return [];
    },
  },
});
const archive = openArchiveOf(configuration, () => {});
const operations = createOperations({ configuration, state: dying, archive, proxy: {}, report: () => {} });
await operations.redrive(id, { outOfOrder: true, dryRun: false });
