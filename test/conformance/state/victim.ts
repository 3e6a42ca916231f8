import type { State } from '../../../src/core/state.ts';
import { victimWrites, type WrittenByVictim } from './killed.ts';

/* Run as a process of its own: opens the state, writes, says so, and waits to be killed. */

const [, , module = '', place = '', what = ''] = process.argv;
const { open } = (await import(module)) as { open(place: string): Promise<State> };
const state = await open(place);
await victimWrites[what as WrittenByVictim](state);
process.stdout.write('written\n');
setInterval(() => {}, 60_000);
