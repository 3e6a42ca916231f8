/** What the bridge waits for at its far ends, and what can become of it. The first is that all is well. */
export const fates = {
  next: ['well', '500', '429', '401', '404', 'lost', 'garbage'],
  give: ['well', 'fatal'],
  ask: ['well', '500', 'poison', 'fatal'],
  complete: ['well', '500', '500 done', 'lost', 'lost done', 'late', '404', '404 done', 'lie', '401'],
  ack: ['well', 'fatal', 'fatal done', 'late'],
  publish: ['well', 'refused', 'unknown', 'late', 'poison', 'fatal', 'throttled', 'throttled for ever'],
  find: ['well', 'unwritable', 'damaged'],
  enter: ['well', 'unwritable'],
  part: ['well', 'unwritable'],
  note: ['well', 'unwritable'],
  'set-aside': ['well', 'unwritable', 'damaged'],
  close: ['well', 'unwritable'],
  position: ['well', 'unwritable'],
  move: ['well', 'unwritable', 'done but unwritable'],
} as const;

export type CallName = keyof typeof fates;

/** Requests that may reach the far end when their sender is gone. */
export function mayLand(name: CallName): boolean {
  return name === 'publish' || name === 'complete' || name === 'ack';
}

/** Which events of a call to the broker are concerned, and how many of them are written all the same. */
export interface Extent {
  readonly at: number;
  readonly wrote: number;
  readonly alone: boolean;
}

export interface Fate extends Extent {
  readonly kind: string;
}

export const well: Fate = { kind: 'well', at: 0, wrote: 0, alone: false };

export function fateText({ kind, at, wrote, alone }: Fate): string {
  const extent = [at > 0 && ` at ${at}`, wrote > 0 && ` wrote ${wrote}`, alone && ' alone'];
  return `${kind}${extent.filter(Boolean).join('')}`;
}

/** Reads what `fateText` writes. */
export function readFate(text: string): Fate {
  const numberAfter = (word: string) => Number(new RegExp(` ${word} (\\d+)`).exec(text)?.[1] ?? 0);
  const kind = text.replace(/ (at \d+|wrote \d+|alone)/g, '');
  return { kind, at: numberAfter('at'), wrote: numberAfter('wrote'), alone: text.endsWith(' alone') };
}
