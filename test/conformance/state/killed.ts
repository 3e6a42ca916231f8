import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { State } from '../../../src/core/state.ts';
import { noon, sampleEntry, sampleLetter, samplePart, sampleRegistration, sampleRequest } from './samples.ts';
import { feed, spoolEntry } from './spool-samples.ts';

/** What a process writes before it is killed. */
export const victimWrites = {
  'a ledger entry': ({ ledger }) => ledger.enter(sampleEntry()),
  'a part of a ledger entry': ({ ledger }) => ledger.enterPart(samplePart()),
  'a cursor': ({ cursors }) => cursors.set('tickets/all', 'page 7'),
  'a dead letter': ({ deadLetters }) => deadLetters.add([sampleLetter()]),
  'a registration': ({ registrations }) => registrations.set(sampleRegistration()),
  'a request': ({ requests }) => requests.add(sampleRequest()),
  'a pause': ({ pauses }) => pauses.set('fenergo/journey', true),
  'an audit record': ({ audit }) =>
    audit.append({ at: noon, action: 'pause', feed: 'fenergo/journey', reason: 'upgrade', detail: { by: 'test' } }),
  'a spooled record': async ({ spool }) => void (await spool.append(feed, [spoolEntry('from the victim', {})])),
} as const satisfies Record<string, (state: State) => Promise<void>>;

export type WrittenByVictim = keyof typeof victimWrites;

/** Runs the write in a process of its own, which holds the state until it is killed. */
export async function runAndKill(module: string, place: string, what: WrittenByVictim): Promise<void> {
  const script = fileURLToPath(new URL('victim.ts', import.meta.url));
  const victim = spawn(process.execPath, [script, module, place, what], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(victim, 'exit');
  try {
    const first: unknown = await Promise.race([once(victim.stdout, 'data'), ended]);
    if (String(first) !== 'written\n') throw new Error(`the victim ended before it had written ${what}`);
  } finally {
    victim.kill('SIGKILL');
    await ended;
  }
}
