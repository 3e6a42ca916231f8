import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { closedPort } from '../../test/support/closed-port.ts';
import { ensureJarsOf } from '../../test/support/jars.ts';
import { spawnGuarded } from '../../test/support/kafka/guarded-process.ts';
import { elasticMqSettings } from '../../test/support/sqs/elasticmq-settings.ts';

const jvm = ['-Xmx2g', '-Xms1g', '-XX:+UseG1GC', '-XX:MaxGCPauseMillis=20'];

/** ElasticMQ from Maven's jars. Unlike those of the tests, which have to start quickly, it compiles as a server does that is to last. */
export async function startBenchElasticMq(): Promise<AsyncDisposable & { readonly endpoint: string }> {
  const classpath = join(await ensureJarsOf(join(import.meta.dirname, '../../test/support/sqs/pom.xml')), '*');
  const dir = await mkdtemp(join(tmpdir(), 'feedferry-bench-elasticmq-'));
  try {
    const port = await closedPort();
    const file = join(dir, 'elasticmq.conf');
    await writeFile(file, elasticMqSettings(port));
    const main = ['-cp', classpath, `-Dconfig.file=${file}`, 'org.elasticmq.server.Main'];
    const server = await spawnGuarded('java', [...jvm, ...main], dir);
    await server.prints(/ElasticMQ server .* started/, 60_000);
    return {
      endpoint: `http://127.0.0.1:${port}`,
      async [Symbol.asyncDispose]() {
        await server.kill();
        await rm(dir, { recursive: true, force: true });
      },
    };
  } catch (error) {
    await rm(dir, { recursive: true, force: true });
    throw error;
  }
}
