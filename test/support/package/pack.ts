import { execFile } from 'node:child_process';
import { cp, glob, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';

const root = resolve(import.meta.dirname, '..', '..', '..');
const run = promisify(execFile);

const Manifest = z.object({ files: z.array(z.string()) });

/** npm tells the scripts it runs about itself; an npm started by one of them must not take that for its own settings. */
const foreign = /^npm_(lifecycle|package|command|execpath|node_execpath|config_local_prefix)|^INIT_CWD$/;

/** What a user's shell has, with the Node.js of this process first. */
export function userEnvironment(): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !foreign.test(name));
  return { ...Object.fromEntries(own), PATH: [dirname(process.execPath), process.env['PATH']].join(delimiter) };
}

export interface InstalledPackage extends AsyncDisposable {
  /** A directory that had nothing in it before `npm install`. */
  readonly dir: string;
}

/** Builds, packs and installs the package, all in a temporary directory. Disposing of it deletes that. */
export async function installPackage(): Promise<InstalledPackage> {
  await using stack = new AsyncDisposableStack();
  const home = await mkdtemp(join(tmpdir(), 'feedferry-package-'));
  stack.defer(() => rm(home, { recursive: true, force: true }));
  const [source, dir] = [join(home, 'source'), join(home, 'installed')];

  const { files } = Manifest.parse(JSON.parse(await readFile(join(root, 'package.json'), 'utf8')));
  for (const name of ['package.json', ...files.filter((file) => file !== 'dist')]) {
    await cp(join(root, name), join(source, name), { recursive: true });
  }
  await run(process.execPath, [join(root, 'tools', 'build.ts'), join(source, 'dist')]);

  const npm = (...args: readonly string[]) =>
    run('npm', [...args, '--loglevel=error'], { cwd: source, env: userEnvironment() });
  await npm('pack', `--pack-destination=${home}`);
  const [tarball] = await Array.fromAsync(glob('*.tgz', { cwd: home }));
  if (tarball === undefined) throw new Error('npm pack left no package');
  await mkdir(dir);
  await npm('install', `--prefix=${dir}`, '--prefer-offline', '--no-audit', '--no-fund', join(home, tarball));

  const opened = stack.move();
  return { dir, [Symbol.asyncDispose]: () => opened.disposeAsync() };
}
