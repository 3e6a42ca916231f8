import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { createScreen } from './screen.ts';
import { play } from './story.ts';

/*
 * `npm run demo`: a simulated platform, and the bridge in a process of its own. Listens on loopback only, leaves nothing
 * behind, and ends by itself: with 0 when all was as promised, else with 1.
 */

const longestMs = 55_000;

const stopped = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => {
    process.exitCode = 128 + constants.signals[signal];
    stopped.abort();
  });
}
// Nobody watches any more.
process.stdout.on('error', () => stopped.abort());

const dir = await mkdtemp(join(tmpdir(), 'feedferry-demo-'));
const screen = createScreen(process.stdout, process.env['TERM']);
// However it ends.
process.once('exit', () => {
  screen[Symbol.dispose]();
  rmSync(dir, { recursive: true, force: true, maxRetries: 10 });
});

const late = AbortSignal.timeout(longestMs);
const signal = AbortSignal.any([stopped.signal, late]);
try {
  const asPromised = await play({ screen, dir, runtime: process.execPath, signal });
  process.exitCode = asPromised ? 0 : 1;
} catch (error) {
  process.exitCode ??= 1;
  screen.settle();
  const reason = late.aborted
    ? `it took longer than ${longestMs / 1_000} s`
    : error instanceof Error
      ? error.message
      : '';
  screen.say('', stopped.signal.aborted ? 'The demo was stopped.' : `The demo did not come to its end: ${reason}`);
}
