import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type GuardedProcess, spawnGuarded } from '../kafka/guarded-process.ts';
import { patiently } from '../kafka/patiently.ts';
import { writeServerFiles } from './server-files.ts';
import type { StartedRabbitmq } from './started-rabbitmq.ts';

/** A broker of one's own: to be killed, frozen, told things and restarted. */
export interface OwnRabbitmq extends StartedRabbitmq {
  /** SIGKILL. */
  kill9(): Promise<void>;
  /** Stops answering, keeps its connections. */
  freeze(): Promise<void>;
  thaw(): void;
  /** Kills it where it still runs, and starts it again on the same port with the same data. */
  restart(): Promise<void>;
  /** `rabbitmqctl`; gives what it printed. */
  ctl(...args: readonly string[]): Promise<string>;
}

const run = promisify(execFile);
const installed = '/usr/lib/rabbitmq/lib';
const upLimitMs = 60_000;

/** The folder of the server's own scripts: what stands in /usr/sbin wants to be another user. */
async function findScripts(): Promise<string> {
  const versions = await readdir(installed).catch(() => []);
  const server = versions.filter((name) => name.startsWith('rabbitmq_server-')).at(-1);
  if (server === undefined)
    throw new Error('rabbitmq-server is not installed (Debian: apt-get install rabbitmq-server)');
  return join(installed, server, 'sbin');
}

function answers(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve();
    });
    socket.once('error', reject);
  });
}

/** Starts Debian's rabbitmq-server (some 6 s). `settings`: lines of rabbitmq.conf. */
export async function startOwnRabbitmq(settings: readonly string[] = []): Promise<OwnRabbitmq> {
  const scripts = await findScripts();
  const dir = await mkdtemp(join(tmpdir(), 'feedferry-rabbitmq-'));
  const { ports, env } = await writeServerFiles(dir, settings);
  const withEnv = (command: string, ...args: readonly string[]) => {
    const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
    return spawnGuarded('env', ['-i', ...variables, command, ...args], dir);
  };
  let server: GuardedProcess | undefined;
  let epmd: GuardedProcess | undefined;

  async function start() {
    server = await withEnv(join(scripts, 'rabbitmq-server'));
    await server.prints(/Server startup complete/, upLimitMs);
  }

  async function stop() {
    await server?.kill();
    await epmd?.kill();
    await rm(dir, { recursive: true, force: true, maxRetries: 5 });
  }

  try {
    epmd = await withEnv('epmd', '-port', String(ports.epmd), '-address', '127.0.0.1');
    await patiently(() => answers(ports.epmd));
    await start();
  } catch (error) {
    await stop();
    throw error;
  }

  return {
    url: `amqp://127.0.0.1:${ports.amqp}`,
    management: `http://127.0.0.1:${ports.management}`,
    username: 'guest',
    password: 'guest',
    stop,
    kill9: async () => server?.kill(),
    freeze: async () => server?.freeze(),
    thaw: () => server?.thaw(),
    async restart() {
      await server?.kill();
      await start();
    },
    async ctl(...args) {
      const { stdout } = await run(
        join(scripts, 'rabbitmqctl'),
        ['-q', '-n', env['RABBITMQ_NODENAME'] ?? '', ...args],
        {
          env,
        },
      );
      return stdout;
    },
  };
}
