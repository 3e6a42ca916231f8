import { hex8, mix } from '../../fenergo/simulator/mix.ts';
import type { Delivery, MakeDelivery } from './options.ts';

/** Puts several bodies into one array, now and then. `share`: of arrays among deliveries, from 0 to 1. */
export function inArrays(make: MakeDelivery, share: number): MakeDelivery {
  return (number, seed) => {
    const one = make(number, seed);
    const count = 2 + (mix(number ^ seed) % 4);
    if (share === 0 || mix(number * 7 + seed) / 2 ** 32 >= share) return one;
    const all = Array.from({ length: count }, (_, place) => make(number, seed + (place << 20)));
    const body = Buffer.from(`[${all.map(({ body }) => body.toString()).join(', ')}]`);
    return { ...one, marks: all.flatMap(({ marks }) => marks), body };
  };
}

export function jsonDelivery(mark: string, lane: string, body: object): Delivery {
  return { marks: [mark], lane, contentType: 'application/json', body: Buffer.from(JSON.stringify(body)) };
}

const kinds = ['invoice.created', 'invoice.paid', 'invoice.refunded'] as const;

/** What the pipeline `billing` of the documentation takes. */
export const billingDelivery: MakeDelivery = (number, seed) => {
  const mark = `evt-${hex8(seed)}-${hex8(number)}`;
  const invoice = `INV-${mix(number >>> 2) % 64}`;
  const type = kinds[mix(number ^ seed) % kinds.length];
  const amount = (mix(number + 1) % 100_000) / 100;
  return jsonDelivery(mark, invoice, { id: mark, type, data: { id: invoice, amount } });
};
