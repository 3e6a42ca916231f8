import { appendFileSync, readFileSync } from 'node:fs';
import { getHeapStatistics } from 'node:v8';
import { isMainThread, threadId } from 'node:worker_threads';

/*
 * Loaded into each thread of a bridge before its own code (`node --import`): writes once a second what the thread holds, and
 * the main one what the process does, one JSON object a line, to the file in FEEDFERRY_SOAK_LOG.
 */

const intervalMs = 1_000;
const pageBytes = 4_096;
const file = process.env['FEEDFERRY_SOAK_LOG'] ?? '/dev/null';

function countListeners(): number {
  return process.eventNames().reduce((sum, name) => sum + process.listenerCount(name), 0);
}

/** In bytes. `anon`: of these, what is in no file. */
function resident() {
  const [, all = 0, ofFiles = 0] = readFileSync('/proc/self/statm', 'utf8').split(' ').map(Number);
  return { rss: all * pageBytes, anon: (all - ofFiles) * pageBytes };
}

setInterval(() => {
  const held = process.getActiveResourcesInfo();
  const timers = held.filter((name) => name === 'Timeout' || name === 'Immediate').length;
  const line = {
    at: Date.now(),
    thread: isMainThread ? 'main' : threadId,
    heapUsed: getHeapStatistics().used_heap_size,
    ...(isMainThread && { ...resident(), timers, handles: held.length - timers, listeners: countListeners() }),
  };
  appendFileSync(file, `${JSON.stringify(line)}\n`);
}, intervalMs).unref();
