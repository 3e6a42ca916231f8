import type { Waiting } from './desk.ts';
import { type Extent, fates, fateText, mayLand } from './fates.ts';
import type { Line } from './history.ts';

/** A step that was drawn before anybody knew what would be waiting. */
export type Choice =
  | ({ readonly kind: 'answer'; readonly pick: number; readonly fate: number } & Extent)
  | { readonly kind: 'time' | 'drain' }
  | { readonly kind: 'pause' | 'resume' | 'land'; readonly pick: number }
  | { readonly kind: 'release'; readonly pick: number; readonly lane: string }
  /** Two bits for each call that waits: it has done nothing, it has acted, it may act later. */
  | { readonly kind: 'crash'; readonly acted: number };

export interface Situation {
  readonly waiting: readonly Waiting[];
  readonly strays: number;
  readonly feeds: number;
}

/** What a choice comes to, as things stand. */
export function lineOf(choice: Choice, { waiting, strays, feeds }: Situation): Line {
  switch (choice.kind) {
    case 'answer': {
      const call = waiting[choice.pick % waiting.length];
      if (!call) return 'time';
      const menu = fates[call.name];
      const kind = menu[choice.fate % menu.length] ?? 'well';
      const fate = call.name === 'publish' ? { ...choice, kind } : { kind, at: 0, wrote: 0, alone: false };
      const name = nameOf(call, waiting);
      return kind === 'well' ? name : `${name}: ${fateText(fate)}`;
    }
    case 'crash': {
      const parts = waiting.flatMap((call, at) => {
        const bits = (choice.acted >> (2 * (at % 15))) & 3;
        if (bits === 1) return `${nameOf(call, waiting)} acted`;
        return bits === 2 && mayLand(call.name) ? `${nameOf(call, waiting)} late` : [];
      });
      return parts.length > 0 ? `crash: ${parts.join(', ')}` : 'crash';
    }
    case 'land':
      return strays > 0 ? numbered('land', choice.pick % strays) : 'time';
    case 'release':
      return `release ${choice.pick % feeds} ${choice.lane}`;
    case 'pause':
    case 'resume':
      return `${choice.kind} ${choice.pick % feeds}`;
    default:
      return choice.kind;
  }
}

/** `enter 0#1`: one of its name came before it. */
function nameOf(call: Waiting, waiting: readonly Waiting[]): string {
  return numbered(call.label, waiting.filter(({ label }) => label === call.label).indexOf(call));
}

function numbered(label: string, nth: number): string {
  return nth === 0 ? label : `${label}#${nth}`;
}

export function split(name: string): { readonly label: string; readonly nth: number } {
  const [label = '', nth = '0'] = name.split('#');
  return { label, nth: Number(nth) };
}
