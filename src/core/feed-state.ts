/** `halted`: stopped by a fatal error, probed again every few minutes. `paused`: stopped by an operator, also across restarts. */
export type FeedState = 'running' | 'paused' | 'halted';
