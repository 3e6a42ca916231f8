import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { closedPort } from '../closed-port.ts';
import { ensureJarsOf } from '../jars.ts';
import { type GuardedProcess, spawnGuarded } from '../kafka/guarded-process.ts';
import { elasticMqSettings } from './elasticmq-settings.ts';

/** A server of the SQS protocol of one's own. Its queues are in memory: they end with it. */
export interface OwnElasticMq {
  /** Where it answers. */
  readonly endpoint: string;
  /** Stops answering, keeps its connections. */
  freeze(): Promise<void>;
  thaw(): void;
  stop(): Promise<void>;
}

const upLimitMs = 60_000;
/** The first compiler only: it starts faster with it, and takes less of the machine. */
const quick = ['-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Xshare:auto', '-Xmx256m'];

/** Starts ElasticMQ from Maven's jars (3 s). Rejects where there is no Java 17 or Maven. */
export async function startElasticMq(): Promise<OwnElasticMq> {
  const jars = await ensureJarsOf(join(import.meta.dirname, 'pom.xml'));
  const dir = await mkdtemp(join(tmpdir(), 'feedferry-elasticmq-'));
  const port = await closedPort();
  let server: GuardedProcess | undefined;
  async function stop() {
    await server?.kill();
    await rm(dir, { recursive: true, force: true });
  }
  try {
    const file = join(dir, 'elasticmq.conf');
    await writeFile(file, elasticMqSettings(port));
    const main = ['-cp', join(jars, '*'), 'org.elasticmq.server.Main'];
    server = await spawnGuarded('java', [...quick, `-Dconfig.file=${file}`, ...main], dir);
    await server.prints(/ElasticMQ server .* started/, upLimitMs);
  } catch (error) {
    await stop();
    throw error;
  }
  const { freeze, thaw } = server;
  return { endpoint: `http://127.0.0.1:${port}`, freeze, thaw, stop };
}
