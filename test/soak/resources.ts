import { appendFileSync } from 'node:fs';

/*
 * Loaded into a bridge before its own code (`node --import`): writes once a second what the process holds, one JSON object
 * a line, to the file in FEEDFERRY_SOAK_LOG.
 */

const intervalMs = 1_000;
const file = process.env['FEEDFERRY_SOAK_LOG'] ?? '/dev/null';

function countListeners(): number {
  return process.eventNames().reduce((sum, name) => sum + process.listenerCount(name), 0);
}

setInterval(() => {
  const held = process.getActiveResourcesInfo();
  const timers = held.filter((name) => name === 'Timeout' || name === 'Immediate').length;
  const { rss, heapUsed, external } = process.memoryUsage();
  const line = {
    at: Date.now(),
    rss,
    heapUsed,
    external,
    timers,
    handles: held.length - timers,
    listeners: countListeners(),
  };
  appendFileSync(file, `${JSON.stringify(line)}\n`);
}, intervalMs).unref();
