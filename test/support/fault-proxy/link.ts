import { connect, type Socket } from 'node:net';
import { breakOff } from './break-off.ts';
import { createFlow } from './flow.ts';
import type { Rules } from './rules.ts';

/** The connection of a client, and the one to the target that was made for it. */
export interface Link {
  /** To be called when the rules have changed. */
  look(): void;
  /** FIN to both sides; what was not passed on by then is lost. */
  cut(): void;
  /** RST to both sides. */
  reset(): void;
  /** Resolves when both sides are gone. */
  destroy(): Promise<void>;
}

export interface Target {
  readonly host: string;
  readonly port: number;
}

/** `onClosed`: both sides are gone. */
export function createLink(client: Socket, target: Target, rules: () => Rules, onClosed: () => void): Link {
  const server = connect({ ...target, allowHalfOpen: true, noDelay: true });
  const flows = [createFlow(client, server, () => rules().requests), createFlow(server, client, () => rules().answers)];
  const sides = [client, server];
  const gone = Promise.all(sides.map((side) => new Promise((resolve) => side.once('close', resolve)))).then(onClosed);
  return {
    look() {
      for (const flow of flows) flow.look();
    },
    cut() {
      for (const flow of flows) flow.discard();
      for (const side of sides) side.end();
    },
    reset() {
      for (const flow of flows) flow.discard();
      for (const side of sides) breakOff(side);
    },
    destroy() {
      for (const flow of flows) flow.discard();
      for (const side of sides) side.destroy();
      return gone;
    },
  };
}
