import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePorts } from './free-ports.ts';
import { type GuardedProcess, spawnGuarded } from './guarded-process.ts';
import { ensureJars } from './jars.ts';
import { serverProperties } from './server-properties.ts';
import type { StartedKafka } from './started-kafka.ts';

/** A broker of one's own: to be killed, frozen and restarted. */
export interface OwnKafka extends StartedKafka {
  /** A listener that wants the credentials of `saslUser`. */
  readonly saslBootstrap: string;
  /** SIGKILL. */
  kill9(): Promise<void>;
  /** Stops answering, keeps its connections. */
  freeze(): Promise<void>;
  thaw(): void;
  /** Kills it where it still runs, and starts it again on the same port with the same data. */
  restart(): Promise<void>;
}

const run = promisify(execFile);
const logging = `-Dlog4j2.configurationFile=${join(import.meta.dirname, 'log4j2.xml')}`;
const upLimitMs = 60_000;

async function format(classpath: string, propertiesFile: string): Promise<void> {
  const jvm = ['-Xmx128m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', logging, '-cp', classpath];
  const tool = ['kafka.tools.StorageTool', 'format', '-t', 'MkU3OEVBNTcwNTJENDM2Qg', '-c', propertiesFile];
  await run('java', [...jvm, ...tool]);
}

/**
 * Starts a broker from Maven's jars (2 to 7 s, 170 MiB). Rejects where there is no Java 17 or Maven.
 * `properties` go over the usual settings.
 */
export async function startOwnKafka(properties: Readonly<Record<string, string>> = {}): Promise<OwnKafka> {
  const classpath = join(await ensureJars(), '*');
  const dir = await mkdtemp(join(tmpdir(), 'feedferry-kafka-'));
  const ports = await freePorts();
  const propertiesFile = join(dir, 'server.properties');
  let broker: GuardedProcess | undefined;

  async function start() {
    const jvm = ['-Xmx512m', '-Xms128m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Xshare:auto', logging];
    broker = await spawnGuarded('java', [...jvm, '-cp', classpath, 'kafka.Kafka', propertiesFile], dir);
    await broker.prints(/Kafka Server started/, upLimitMs);
  }

  async function stop() {
    await broker?.kill();
    await rm(dir, { recursive: true, force: true });
  }

  try {
    await writeFile(propertiesFile, serverProperties(ports, join(dir, 'logs'), properties));
    await format(classpath, propertiesFile);
    await start();
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    bootstrap: `127.0.0.1:${ports.plain}`,
    saslBootstrap: `127.0.0.1:${ports.sasl}`,
    kill9: async () => broker?.kill(),
    freeze: async () => broker?.freeze(),
    thaw: () => broker?.thaw(),
    async restart() {
      await broker?.kill();
      await start();
    },
    stop,
  };
}
