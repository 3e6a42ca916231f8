import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePorts } from '../../test/support/kafka/free-ports.ts';
import { spawnGuarded } from '../../test/support/kafka/guarded-process.ts';
import { ensureJars } from '../../test/support/kafka/jars.ts';
import { serverProperties } from '../../test/support/kafka/server-properties.ts';
import { cpuUsOf } from './proc.ts';

/** The broker that all subjects of a benchmark share. */
export interface BenchBroker extends AsyncDisposable {
  /** `host:port` */
  readonly bootstrap: string;
  /** CPU time so far, in microseconds; NaN where it is not ours. */
  cpuUs(): number;
}

const run = promisify(execFile);
const logging = `-Dlog4j2.configurationFile=${join(import.meta.dirname, '../../test/support/kafka/log4j2.xml')}`;
const jvm = ['-Xmx1g', '-Xms1g', '-XX:+UseG1GC', '-XX:MaxGCPauseMillis=20', logging];
/** What was measured is deleted at once; the disk is not for ever. */
const settings = { 'log.segment.delete.delay.ms': '1000', 'num.network.threads': '3', 'num.io.threads': '8' };

/**
 * The one at FEEDFERRY_TEST_KAFKA, else one from Maven's jars. Unlike the brokers of the tests, which have to start
 * quickly, it compiles as a broker in production does.
 */
export async function startBenchBroker(): Promise<BenchBroker> {
  const given = process.env['FEEDFERRY_TEST_KAFKA'];
  if (given) return { bootstrap: given, cpuUs: () => Number.NaN, [Symbol.asyncDispose]: async () => {} };
  const classpath = join(await ensureJars(), '*');
  const dir = await mkdtemp(join(tmpdir(), 'feedferry-bench-kafka-'));
  try {
    const ports = await freePorts();
    const file = join(dir, 'server.properties');
    await writeFile(file, serverProperties(ports, join(dir, 'logs'), settings));
    const format = ['kafka.tools.StorageTool', 'format', '-t', 'MkU3OEVBNTcwNTJENDM2Qg', '-c', file];
    await run('java', [logging, '-cp', classpath, ...format]);
    const broker = await spawnGuarded('java', [...jvm, '-cp', classpath, 'kafka.Kafka', file], dir);
    await broker.prints(/Kafka Server started/, 60_000);
    return {
      bootstrap: `127.0.0.1:${ports.plain}`,
      cpuUs: () => cpuUsOf(broker.pid),
      async [Symbol.asyncDispose]() {
        await broker.kill();
        await rm(dir, { recursive: true, force: true });
      },
    };
  } catch (error) {
    await rm(dir, { recursive: true, force: true });
    throw error;
  }
}
