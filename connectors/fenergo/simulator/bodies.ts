import type { MakeDelivery } from '../../webhook/simulator/options.ts';
import { createEventMaker } from './events.ts';
import { hex8 } from './mix.ts';

const tenantId = 'bded51d4-598e-4079-9cf6-43e74144b415';
const firstAt = Date.UTC(2026, 0, 1);
/** As many are sent side by side at most. */
const lanes = 500;

/** Notifications of the feed `journey`, as the platform is assumed to send them. */
export const fenergoDelivery: MakeDelivery = (number, seed) => {
  const maker = createEventMaker('journey', seed, tenantId);
  const sequence = number + 1;
  const text = maker.render(sequence, { at: firstAt + number * 1_000, eventBytes: 0 });
  const mark = `ntf-${hex8(seed)}-${hex8(number)}`;
  const body = Buffer.from(text.replace(/\}\}$/, `,"Reference":"${mark}"}}`));
  const lane = `entity-${sequence % lanes}`;
  return { marks: [mark], lane, contentType: 'application/json', body };
};
