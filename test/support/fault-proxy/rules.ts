/** What holds for one direction, and for each connection by itself. */
export interface Rule {
  /** Nothing passes, not even the end of a connection: it waits, as if packets were lost and sent again later. */
  readonly held: boolean;
  /** Most bytes that are written at once. */
  readonly most: number;
  /** Absent: as fast as it goes. */
  readonly bytesPerSecond?: number;
}

export interface Rules {
  /** From the client to the target. */
  readonly requests: Rule;
  readonly answers: Rule;
}

const chunk = 64 * 1024;
const open: Rule = { held: false, most: chunk };
const shut: Rule = { held: true, most: chunk };

const both = (rule: Rule): Rules => ({ requests: rule, answers: rule });

export const healthy = both(open);
export const blackHole = both(shut);
export const halfBlackHole: Rules = { requests: open, answers: shut };

export function sliced(bytes: number): Rules {
  return both({ held: false, most: bytes });
}

/** In portions of a twentieth of a second, so that it flows rather than comes in bursts. */
export function throttled(bytesPerSecond: number): Rules {
  const most = Math.min(chunk, Math.max(1, Math.floor(bytesPerSecond / 20)));
  return both({ held: false, most, bytesPerSecond });
}
