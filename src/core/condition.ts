import type { Envelope } from './envelope.ts';

/** Whether a destination wants an event. Rejects with a poison BridgeError when that cannot be told. */
export type Condition = (envelope: Envelope) => Promise<boolean>;
