import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { access, chmod, mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePortNumbers } from '../free-ports.ts';
import { type GuardedProcess, spawnGuarded } from '../kafka/guarded-process.ts';
import { patiently } from '../kafka/patiently.ts';
import { type DovecotSettings, writeServerFiles } from './server-files.ts';

/** An IMAP server of one's own. Any user may log in, with the password `secret`. */
export interface OwnDovecot {
  /** Of 127.0.0.1. */
  readonly port: number;
  /** With TLS from the start; 0 where it has none. */
  readonly tlsPort: number;
  /** SIGKILL, to it and to all its processes. */
  kill9(): Promise<void>;
  /** Starts it again on the same port with the same mails. */
  restart(): Promise<void>;
  /** `doveadm`; gives what it printed. */
  doveadm(...args: readonly string[]): Promise<string>;
  stop(): Promise<void>;
}

const run = promisify(execFile);
const program = '/usr/sbin/dovecot';
export const hasDovecot = existsSync(program);

/** Resolves when the server greets. */
function greets(port: number): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const socket = connect(port, '127.0.0.1');
  socket.once('data', () => resolve());
  socket.once('error', reject);
  return promise.finally(() => socket.destroy());
}

/** The processes that have this one as their parent. */
async function childrenOf(parent: number): Promise<readonly number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found = pids.map(async (pid) => {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
    return Number(stat.slice(stat.lastIndexOf(')') + 4).split(' ')[0]) === parent ? [Number(pid)] : [];
  });
  return (await Promise.all(found)).flat();
}

/** Starts Debian's dovecot, which takes about 0.1 s. */
export async function startOwnDovecot(
  settings: Pick<DovecotSettings, 'lines'> & {
    readonly tls?: { readonly cert: string; readonly key: string } | undefined;
  } = {},
): Promise<OwnDovecot> {
  await access(program).catch(() => {
    throw new Error('dovecot-imapd is not installed (Debian: apt-get install dovecot-imapd)');
  });
  const dir = await mkdtemp(join(tmpdir(), 'feedferry-dovecot-'));
  const [port = 0, tlsPort = 0] = await freePortNumbers(2);
  await mkdir(join(dir, 'mail'));
  // Its processes may be other users.
  await chmod(dir, 0o755);
  await chmod(join(dir, 'mail'), 0o777);
  const { tls, lines } = settings;
  const file = await writeServerFiles(dir, { port, lines, ...(tls && { tls: { ...tls, port: tlsPort } }) });
  let server: GuardedProcess;

  async function start() {
    server = await spawnGuarded(program, ['-F', '-c', file], dir);
    await patiently(() => greets(port));
  }

  async function kill9() {
    const children = await childrenOf(server.pid);
    await server.kill();
    for (const child of children) {
      try {
        process.kill(child, 'SIGKILL');
      } catch {
        // It has ended by itself.
      }
    }
  }

  async function stop() {
    await server.terminate();
    await rm(dir, { recursive: true, force: true, maxRetries: 5 });
  }

  await start();
  return {
    port,
    tlsPort: tls ? tlsPort : 0,
    kill9,
    async restart() {
      await rm(join(dir, 'run'), { recursive: true, force: true });
      await start();
    },
    async doveadm(...args) {
      const { stdout } = await run('/usr/bin/doveadm', ['-c', file, ...args]);
      return stdout;
    },
    stop,
  };
}
