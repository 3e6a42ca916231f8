import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Longest wait for a base image from a registry. */
const pullMs = 120_000;

/** Runs `docker` with these arguments, and gives what it prints; rejects when it fails. */
export async function docker(...args: readonly string[]): Promise<string> {
  const { stdout } = await run('docker', args, { maxBuffer: 64 * 1024 ** 2 });
  return stdout.trim();
}

/** As `docker`, with something to read on its standard input. */
export async function dockerReading(text: string, ...args: readonly string[]): Promise<void> {
  const child = spawn('docker', args, { stdio: ['pipe', 'ignore', 'inherit'] });
  child.stdin.end(text);
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`docker ${args.join(' ')} ended with ${code}`);
}

/** An image to build on, or why there is none. */
export type BaseImage = { readonly name: string } | { readonly missing: string };

/** FEEDFERRY_TEST_BASE_IMAGE, else the one that the Dockerfile names, which is pulled where it is missing. */
export async function findBaseImage(ofDockerfile: string): Promise<BaseImage> {
  const name = process.env['FEEDFERRY_TEST_BASE_IMAGE'] || ofDockerfile;
  try {
    await run('docker', ['version', '--format={{.Server.Version}}'], { timeout: 10_000 });
  } catch {
    return { missing: 'no container engine answers' };
  }
  try {
    await docker('image', 'inspect', name).catch(() => run('docker', ['pull', '--quiet', name], { timeout: pullMs }));
    return { name };
  } catch {
    return { missing: `${name} cannot be pulled; FEEDFERRY_TEST_BASE_IMAGE may name another base image` };
  }
}
