import { hex8 } from '../../fenergo/simulator/mix.ts';
import { jsonDelivery } from '../../webhook/simulator/bodies.ts';
import type { MakeDelivery } from '../../webhook/simulator/options.ts';
import { knownStatuses } from '../status.ts';

const [json, report, all, failed] = knownStatuses;
/** Most sessions end well; one of eight fails, and one has a status that is not documented. */
const lives: readonly (readonly string[])[] = [
  ...Array.from({ length: 6 }, () => [json, report, all]),
  [json, failed],
  [json, 'Archived', all],
];
const steps = lives.flatMap((life, session) => life.map((status) => ({ session, status })));

/** The webhooks of one session after the other, each session in order. */
export const sessionDelivery: MakeDelivery = (number, seed) => {
  const { session, status } = steps[number % steps.length] ?? { session: 0, status: all };
  const id = `S-${hex8(seed)}-${Math.floor(number / steps.length) * lives.length + session}`;
  const mark = `ref-${hex8(seed)}-${hex8(number)}`;
  return jsonDelivery(mark, id, { sessionId: id, status, ref: mark });
};
