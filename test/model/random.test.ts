import fc from 'fast-check';
import { expect, it } from 'vitest';
import { full, seed } from '../crash/scale.ts';
import { choices, histories } from './arbitrary.ts';
import type { Choice } from './choices.ts';
import type { History } from './history.ts';
import { play } from './play.ts';

/** A counter-example as it stands in a named history. */
async function told(history: History, steps: readonly Choice[]): Promise<string> {
  const { lines, breaches } = await play(history, steps);
  return JSON.stringify({ ...history, lines, breaches }, undefined, 1);
}

it.each([
  ['memory', full ? 40_000 : 1_500, 20_000],
  ['sqlite', full ? 1_000 : 40, 8_000],
] as const)(
  'keeps every promise, whatever upstream, broker and disk do and whenever the process is killed (state: %s)',
  async (state, numRuns, mostMs) => {
    const began = performance.now();
    let plays = 0;
    let failing = false;
    let steps = 0;
    let lives = 0;
    let doubled = 0;
    const result = await fc.check(
      fc.asyncProperty(histories(state), choices, async (history, chosen) => {
        // A busy machine plays fewer of the same histories; one that fails is given time to be shrunk.
        if (!full && performance.now() - began > (failing ? mostMs + 60_000 : mostMs)) return true;
        const played = await play(history, chosen);
        plays++;
        steps += played.lines.length;
        lives += played.lives;
        doubled += played.doubled;
        failing ||= played.breaches.length > 0;
        return played.breaches.length === 0;
      }),
      { numRuns, seed },
    );
    const seconds = Math.round((performance.now() - began) / 1_000);
    const size = `${plays} histories, ${steps} steps, ${lives} processes, ${doubled} events doubled`;
    process.stdout.write(`model (${state}): ${size}, ${seconds} s, FEEDFERRY_SEED=${seed}\n`);
    if (!result.failed) return;
    const where = `after ${result.numRuns} runs: FEEDFERRY_SEED=${result.seed}, path ${result.counterexamplePath}`;
    const example = result.counterexample ? await told(...result.counterexample) : '';
    expect.fail(`${where}\n${example}\n${result.errorInstance ?? ''}`);
  },
  full ? 1_800_000 : 120_000,
);
