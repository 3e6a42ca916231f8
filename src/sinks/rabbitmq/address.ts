import { BridgeError } from '../../core/errors.ts';

/** AMQP has one byte for the length of a name. */
const maxBytes = 255;

/** Throws EVENT_UNROUTABLE for a name that AMQP has no room for. `what`: exchange, routing key. */
export function checkName(what: string, name: string): void {
  const bytes = Buffer.byteLength(name);
  if (bytes <= maxBytes) return;
  throw new BridgeError('EVENT_UNROUTABLE', `the ${what} "${name.slice(0, 80)}…" has ${bytes} bytes`, {
    hint: `AMQP allows ${maxBytes}: choose a template whose attributes are shorter.`,
  });
}
