import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, open, readFile, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);
const limitMs = 180_000;

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Runs `work` in one process of this machine at a time. The lock of a process that is gone counts as free. */
async function alone(lock: string, work: () => Promise<void>): Promise<void> {
  const end = Date.now() + limitMs;
  for (;;) {
    const handle = await open(lock, 'wx').catch(() => undefined);
    if (handle) {
      try {
        await handle.writeFile(String(process.pid));
        await work();
        return;
      } finally {
        await handle.close();
        await rm(lock, { force: true });
      }
    }
    if (Date.now() > end) throw new Error(`${lock} was held for too long`);
    await delay(200);
    const holder = Number(await readFile(lock, 'utf8').catch(() => ''));
    if (holder > 0 && !isAlive(holder)) await rm(lock, { force: true });
  }
}

function word(tag: string, text: string): string {
  const found = new RegExp(`<${tag}>([^<]+)<`).exec(text)?.[1];
  if (found === undefined) throw new Error(`the pom has no ${tag}`);
  return found;
}

/**
 * The folder with a broker's jars, outside the checkout; fetched by Maven when they are not there yet. The names and
 * the version are those of the pom itself.
 */
export async function ensureJarsOf(pom: string): Promise<string> {
  const text = await readFile(pom, 'utf8');
  const cache = join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'feedferry');
  const jars = join(cache, `${word('artifactId', text)}-${word('version', text)}`);
  if (existsSync(jars)) return jars;
  await mkdir(cache, { recursive: true });
  await alone(`${jars}.lock`, async () => {
    if (existsSync(jars)) return;
    const fetched = await mkdtemp(join(cache, 'fetching-'));
    try {
      const goal = ['-q', '-B', '-f', pom, 'dependency:copy-dependencies', `-DoutputDirectory=${fetched}`];
      await run('mvn', goal, { cwd: dirname(fetched), timeout: limitMs });
      await rename(fetched, jars);
    } finally {
      await rm(fetched, { recursive: true, force: true });
    }
  });
  return jars;
}
