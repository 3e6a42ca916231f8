import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type GuardedProcess, spawnGuarded } from './guarded-process.ts';

/** What can be done to a broker, to see what others make of it. */
export interface Faults {
  /** SIGKILL. */
  kill9(): Promise<void>;
  /** Stops answering, keeps its connections. */
  freeze(): Promise<void>;
  thaw(): void;
  /** Kills it where it still runs, and starts it again on the same port with the same data. */
  restart(): Promise<void>;
}

/** A broker in a JVM of its own. */
export interface KafkaNode extends Faults {
  /** Resolves when it is up: in a cluster, when most of its nodes are. */
  start(): Promise<void>;
  /** SIGTERM: it hands its partitions over before it ends. */
  retire(): Promise<void>;
}

export interface NodeOptions {
  /** The folder with Kafka's jars. */
  readonly jars: string;
  /** Of this node alone. */
  readonly dir: string;
  /** Removed, with all that is in it, when this process ends. Default: `dir`. */
  readonly root?: string;
  /** The text of server.properties. */
  readonly properties: string;
  /** Of the heap, in MiB. */
  readonly heap: number;
}

const run = promisify(execFile);
const logging = `-Dlog4j2.configurationFile=${join(import.meta.dirname, 'log4j2.xml')}`;
/** The first compiler only: a broker starts faster with it, and takes less of the machine. */
const quick = ['-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Xshare:auto', logging];
const upLimitMs = 60_000;
const clusterId = 'MkU3OEVBNTcwNTJENDM2Qg';

/** Writes its settings and formats its storage; it does not run yet. */
export async function createNode({ jars, dir, root = dir, properties, heap }: NodeOptions): Promise<KafkaNode> {
  const classpath = ['-cp', join(jars, '*')];
  const propertiesFile = join(dir, 'server.properties');
  await mkdir(dir, { recursive: true });
  await writeFile(propertiesFile, properties);
  const format = ['kafka.tools.StorageTool', 'format', '-t', clusterId, '-c', propertiesFile];
  await run('java', ['-Xmx128m', ...quick, ...classpath, ...format]);
  let broker: GuardedProcess | undefined;

  async function start() {
    const memory = [`-Xmx${heap}m`, '-Xms128m'];
    broker = await spawnGuarded('java', [...memory, ...quick, ...classpath, 'kafka.Kafka', propertiesFile], root);
    await broker.prints(/Kafka Server started/, upLimitMs);
  }

  return {
    start,
    kill9: async () => broker?.kill(),
    retire: async () => broker?.terminate(),
    freeze: async () => broker?.freeze(),
    thaw: () => broker?.thaw(),
    async restart() {
      await broker?.kill();
      await start();
    },
  };
}
