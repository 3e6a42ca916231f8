import { hex8, mix } from '../../fenergo/simulator/mix.ts';
import { jsonDelivery } from '../../webhook/simulator/bodies.ts';
import type { MakeDelivery } from '../../webhook/simulator/options.ts';

const services = ['Participant', 'Container', 'Entity'] as const;
const eventTypes = ['Created', 'Updated', 'Create Failed'] as const;

/** Callbacks as the platform is assumed to send them. */
export const os1Delivery: MakeDelivery = (number, seed) => {
  const mark = `req-${hex8(seed)}-${hex8(number)}`;
  const service = services[mix(number >>> 2) % services.length] ?? 'Entity';
  const id = `${service.slice(0, 3).toUpperCase()}-${String(mix(number >>> 2) % 100).padStart(3, '0')}`;
  const eventType = eventTypes[mix(number ^ seed) % eventTypes.length] ?? 'Created';
  const data = { id, status: eventType.endsWith('Failed') ? 'FAILED' : 'ACTIVE' };
  return jsonDelivery(mark, id, { eventType, service, requestId: mark, data });
};
