import { full } from '../scale.ts';
import type { Line } from './cells.ts';

const asked = process.env['FEEDFERRY_CRASH_KILLS'];
/** Not only what was drawn for a run of all tests, which has to be quick. */
export const all = full || process.env['FEEDFERRY_CRASH'] === 'all';
const drawnEvents = 200;

export interface Sizes {
  /** Kills of the bridge. */
  readonly kills: number;
  readonly eventsPerFeed: number;
  /** How long a bridge is stopped. */
  readonly stopMs: number;
  readonly brokerKills: number;
  readonly freezes: number;
  readonly freezeMs: number;
  /** How long the network fails, each time. */
  readonly networkMs: number;
}

/** What a cell of this line is run with. Many kills need many events to be met by. */
export function sizesOf({ options }: Line): Sizes {
  const usual = options.delivery ? 60 : 20;
  const kills = asked === undefined ? (full ? usual : 3) : Number(asked);
  const usualEvents = options.ack || options.delivery ? 300 : 500;
  const least = all ? usualEvents : drawnEvents;
  const eventsPerFeed = full ? 5_000 : Math.max(least, kills * 50);
  return {
    kills,
    eventsPerFeed,
    stopMs: full ? 30_000 : 5_000,
    brokerKills: full ? 3 : 1,
    freezes: full ? 4 : 1,
    freezeMs: full ? 4_000 : 3_000,
    networkMs: full ? 4_000 : 2_500,
  };
}
