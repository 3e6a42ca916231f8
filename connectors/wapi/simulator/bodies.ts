import type { MakeDelivery } from '../../webhook/simulator/options.ts';
import { generated } from './notification.ts';

/** Notifications as WAPI posts them: the XML in a form. */
export const wapiDelivery: MakeDelivery = (number, seed) => {
  const { svTRID, xml } = generated(number, seed);
  return {
    marks: [svTRID],
    lane: svTRID,
    contentType: 'application/x-www-form-urlencoded',
    body: Buffer.from(new URLSearchParams({ request: `<?xml version="1.0" encoding="UTF-8"?>\n${xml}` }).toString()),
  };
};
