import { randomInt } from 'node:crypto';
import { mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/*
 * Below what systems give to connections and to servers that ask for any port (from 32768 on Linux, 49152 elsewhere): one of
 * those could be taken again before the server that it is for has it. Since some servers take theirs only after seconds, a
 * port that was given out is spoken for, among all processes, by a file of its name.
 */
const lowest = 15_000;
const highest = 32_767;
const spokenForMs = 10 * 60_000;
const claims = join(tmpdir(), 'feedferry-ports');

function isThere(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EEXIST';
}

/** False: somebody else speaks for it. */
function speakFor(port: number): boolean {
  const file = join(claims, String(port));
  mkdirSync(claims, { recursive: true });
  const claimedAt = statSync(file, { throwIfNoEntry: false })?.mtimeMs;
  if (claimedAt !== undefined && Date.now() - claimedAt > spokenForMs) rmSync(file, { force: true });
  try {
    writeFileSync(file, '', { flag: 'wx' });
    return true;
  } catch (error) {
    if (isThere(error)) return false;
    throw error;
  }
}

/** Holds a port that is free. */
async function hold(server: Server): Promise<number> {
  for (;;) {
    const port = randomInt(lowest, highest + 1);
    if (!speakFor(port)) continue;
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const taken = () => resolve(false);
    server.once('error', taken).listen(port, '127.0.0.1', () => resolve(true));
    const held = await promise;
    server.off('error', taken);
    if (held) return port;
    server.removeAllListeners('listening');
  }
}

/** Ports of loopback that were free a moment ago, all different, for servers that cannot choose their own. */
export async function freePortNumbers(count: number): Promise<readonly number[]> {
  const held = Array.from({ length: count }, () => createServer());
  const ports = await Promise.all(held.map(hold));
  await Promise.all(held.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
