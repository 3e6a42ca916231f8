import type { Case, Load } from './cases.ts';
import type { SinkSubject } from './sink-subject.ts';
import { openTarget, type Side, type Target } from './target.ts';

export interface Figures {
  readonly eventsPerSecond: number;
  /** Of this process. */
  readonly cpuUsPerEvent: number;
}

/** Drives one side for so many seconds, after a fifth of that to warm up. Throws when less or more is stored than was confirmed. */
export async function measure(
  subject: SinkSubject,
  { name }: Case,
  side: Side,
  load: Load,
  seconds: number,
): Promise<Figures> {
  const destination = await subject.createDestination();
  try {
    let sent = 0;
    let figures: Figures;
    {
      await using target = await openTarget(side, subject, destination);
      sent += await drive(target, load, seconds / 5);
      const [cpu, started] = [process.cpuUsage(), performance.now()];
      const events = await drive(target, load, seconds);
      const took = (performance.now() - started) / 1_000;
      const { user, system } = process.cpuUsage(cpu);
      sent += events;
      figures = { eventsPerSecond: events / took, cpuUsPerEvent: (user + system) / events };
    }
    const stored = await subject.count(destination);
    if (stored !== sent) throw new Error(`${name}, ${side}: ${sent} confirmed, ${stored} stored`);
    return figures;
  } finally {
    await subject.deleteDestination(destination);
  }
}

/** Gives how many events were confirmed; what is under way when the time is over is awaited. */
async function drive(target: Target, { callers, events, lanes }: Load, seconds: number): Promise<number> {
  const end = performance.now() + seconds * 1_000;
  const sent = await Promise.all(
    Array.from({ length: callers }, async (_, caller) => {
      let confirmed = 0;
      while (performance.now() < end) {
        await target.send(events, (caller * events) % lanes, lanes);
        confirmed += events;
      }
      return confirmed;
    }),
  );
  return sent.reduce((sum, count) => sum + count, 0);
}
