import { setImmediate } from 'node:timers';

/** When the publisher looks at what waits. */
export interface Pumping {
  /** Once what is being published right now is all there, so that it travels together. */
  soon(): void;
  /**
   * Once all requests that have arrived by now are read: `soon`, the first of many would make a call of its own. When
   * idle, that is at once.
   */
  nextTurn(): void;
}

export function createPumping(pump: () => void): Pumping {
  const scheduled = { soon: false, nextTurn: false };
  function once(when: keyof Pumping, schedule: (then: () => void) => void) {
    if (scheduled[when]) return;
    scheduled[when] = true;
    schedule(() => {
      scheduled[when] = false;
      pump();
    });
  }
  return {
    soon: () => once('soon', queueMicrotask),
    nextTurn: () => once('nextTurn', setImmediate),
  };
}
