import type { MailSession } from './session.ts';

/** The one connection of a feed: opened when it is asked for, and anew when it is lost. */
export interface SessionKeeper {
  /** Rejects as `open` does. */
  get(signal: AbortSignal): Promise<MailSession>;
  /** The one that there is, which may be lost. */
  present(): MailSession | undefined;
  close(): Promise<void>;
}

/** `prepare` is called with each new session, which is closed when that rejects. */
export function keepSession(
  open: (signal: AbortSignal) => Promise<MailSession>,
  prepare: (session: MailSession, signal: AbortSignal) => Promise<void>,
): SessionKeeper {
  let present: MailSession | undefined;
  return {
    async get(signal) {
      if (present?.isOpen) return present;
      await present?.close();
      present = undefined;
      const opened = await open(signal);
      try {
        await prepare(opened, signal);
      } catch (error) {
        await opened.close();
        throw error;
      }
      present = opened;
      return opened;
    },
    present: () => present,
    async close() {
      await present?.close();
      present = undefined;
    },
  };
}
