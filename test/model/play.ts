import { vi } from 'vitest';
import { type Choice, lineOf, split } from './choices.ts';
import { readFate, well } from './fates.ts';
import type { History, Line } from './history.ts';
import { judgeEnd } from './judge-end.ts';
import { createWorld, type World } from './world.ts';

export interface Played {
  /** The steps of the history as it went, for `NamedHistory.lines`. */
  readonly lines: readonly Line[];
  readonly breaches: readonly string[];
  /** Processes that it took. */
  readonly lives: number;
  /** Events that the broker has more than once. */
  readonly doubled: number;
}

/** Calls and timers that a bridge may need until all is delivered, once nothing goes wrong any more. */
const enough = 3_000;

/** Plays a history, then lets all go well until everything is delivered. Timers are faked meanwhile, and chance is off. */
export async function play(history: History, steps: readonly (Line | Choice)[]): Promise<Played> {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date', 'performance'] });
  const chance = vi.spyOn(Math, 'random').mockReturnValue(0.5);
  const world = await createWorld(history);
  const { promises, brokers } = world.ends;
  const lines: Line[] = [];
  try {
    for (const step of steps) {
      const situation = { waiting: world.waiting, strays: world.strays.length, feeds: history.feeds.length };
      const line = typeof step === 'string' ? step : lineOf(step, situation);
      lines.push(line);
      await perform(line, world);
      if (promises.breaches.length > 0) break;
    }
    if (promises.breaches.length === 0) await finish(world);
    const doubled = brokers.reduce((sum, { log }) => sum + doubledIn(log), 0);
    return { lines, breaches: promises.breaches, lives: world.lives, doubled };
  } finally {
    await world.dispose();
    vi.clearAllTimers();
    chance.mockRestore();
    vi.useRealTimers();
  }
}

function doubledIn(log: readonly string[]): number {
  return new Set(log.filter((id, at) => log.indexOf(id) !== at)).size;
}

async function perform(line: Line, world: World) {
  const [name = '', how] = line.split(': ');
  const [verb = '', about, rest] = name.split(' ');
  const { label, nth } = split(name);
  switch (label === 'land' ? label : verb) {
    case 'time':
      vi.advanceTimersToNextTimer();
      break;
    case 'drain':
      world.drain();
      break;
    case 'pause':
      world.pause(Number(about));
      break;
    case 'resume':
      world.resume(Number(about));
      break;
    case 'release':
      world.life.release(Number(about), rest ?? '');
      break;
    case 'land':
      await landed(nth, world);
      break;
    case 'crash':
      await crash(how?.split(', ') ?? [], world);
      break;
    case 'until':
      await waitingFor(name.slice('until '.length), world);
      break;
    default:
      (await waitingFor(name, world)).answer(how === undefined ? well : readFate(how));
  }
  await world.turn();
}

async function landed(nth: number, { strays }: World) {
  const [stray] = strays.splice(nth, 1);
  if (!stray) throw new Error('the history lets a request land, but none is on its way');
  await stray.land();
}

async function crash(fated: readonly string[], world: World) {
  const fates = new Map<unknown, 'acted' | 'late'>();
  for (const text of fated) {
    const late = text.endsWith(' late');
    const name = text.replace(/ (late|acted)$/, '');
    const call = find(name, world);
    if (!call) throw new Error(`the history kills the process while "${name}" waits, which does not`);
    fates.set(call, late ? 'late' : 'acted');
  }
  await world.crash((waiting) => fates.get(waiting));
}

function find(name: string, { waiting }: World) {
  const { label, nth } = split(name);
  return waiting.filter((call) => call.label === label)[nth];
}

/** The call of this name; until there is one, all goes well. */
async function waitingFor(name: string, world: World) {
  await calm(world, () => find(name, world) !== undefined, 500);
  const call = find(name, world);
  if (call) return call;
  throw new Error(`the history waits for "${name}", which does not come`);
}

/** All goes well, oldest call first; gives whether `until` came true within so many calls and timers. */
async function calm(world: World, until: () => boolean, most: number): Promise<boolean> {
  for (let left = most; left > 0 && !until(); left--) {
    const [oldest] = world.waiting;
    if (oldest) oldest.answer(well);
    else if (vi.getTimerCount() > 0) vi.advanceTimersToNextTimer();
    else return false;
    await world.turn();
    if (world.ends.promises.breaches.length > 0) return true;
  }
  return until();
}

/** The brokers take everything now, and an operator releases key after key. */
async function releaseAll(world: World) {
  const { brokers, promises } = world.ends;
  for (const broker of brokers) broker.mend();
  for (let left = 100; left > 0; left--) {
    if (!(await calm(world, () => !world.life.releasing, enough))) promises.breach('a release does not end');
    const [place] = world.life.parked;
    if (!place || promises.breaches.length > 0) return;
    world.life.release(place.feed, place.key);
    await world.turn();
  }
  promises.breach('keys stay parked');
}

async function finish(world: World) {
  const { promises, held } = world.ends;
  held.forEach((_, feed) => {
    world.resume(feed);
  });
  await world.turn();
  const isAtRest = () => !world.draining && !world.pausing;
  const delivered = await calm(world, () => isAtRest() && held.flat().every(({ done }) => done), enough);
  if (!delivered) {
    const open = held.flat().filter(({ done }) => !done);
    promises.breach(`stands still with ${open.map(({ feed, id }) => `${id} of ${feed}`).join(', ')} open`);
  }
  if (delivered && world.ends.history.onPoison === 'park-key') await releaseAll(world);
  world.drain(true);
  await world.turn();
  if (!(await calm(world, () => !world.draining, enough))) promises.breach('a drain does not end');
  for (const stray of world.strays) await stray.land();
  if (promises.breaches.length === 0) judgeEnd(world.ends);
}
