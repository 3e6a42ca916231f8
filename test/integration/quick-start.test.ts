import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { feedNames } from '../../connectors/fenergo/feeds.ts';
import { durability } from '../../src/state/durability.ts';
import { startBridge } from '../support/bridge/start-bridge.ts';
import { command, spawnCommand } from '../support/cli/spawn-command.ts';
import { closedPort } from '../support/closed-port.ts';
import { kafkaSuite } from '../support/kafka/acquire.ts';
import { readTopic } from '../support/kafka/read-topic.ts';
import { runTools } from '../support/kafka/run-tools.ts';
import { uniqueName } from '../support/kafka/topics.ts';
import { createWorkplace } from '../support/workplace.ts';

const readme = await readFile(join(import.meta.dirname, '../../README.md'), 'utf8');
const [, section = ''] = /^## Your Kafka in five minutes\n(.*?)^## /ms.exec(readme) ?? [];

function blocks(language: string): readonly string[] {
  return [...section.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gms'))].map(([, text = '']) => text);
}

/** What stands behind `feedferry --` in the commands of the section, one for each. */
const commands = blocks('sh')
  .join('')
  .split('\n')
  .flatMap((line) => /feedferry -- ([^#|]+)/.exec(line)?.[1]?.trim().split(/\s+/) ?? [])
  .join(' ');

const suite = await kafkaSuite();

suite('the quick start of the README', (kafka) => {
  test('carries events into Kafka as it says', async () => {
    expect(commands).toBe('sim fenergo --events 1000 check --print-topology check run');
    const [simulatorPort, admin, health] = [await closedPort(), await closedPort(), await closedPort()];
    await using simulated = spawnCommand(['sim', 'fenergo', '--events', '1000', '--port', String(simulatorPort)]);
    await expect.poll(() => simulated.stdout(), { timeout: 15_000 }).toContain(String(simulatorPort));

    await using place = await createWorkplace();
    const file = join(place.path, 'feedferry.yaml');
    const topic = uniqueName('quick-start');
    const [yaml = ''] = blocks('yaml');
    const settings = yaml
      .replace('127.0.0.1:9092', kafka.bootstrap)
      .replace('127.0.0.1:8099', `127.0.0.1:${simulatorPort}`)
      .replace('fenergo.{feed}', `${topic}.{feed}`);
    await writeFile(file, `${settings}listen: { admin: "127.0.0.1:${admin}", health: "127.0.0.1:${health}" }\n`);

    const before = await command('check', '-c', file);
    expect(before.code).toBe(1);
    const topology = await command('check', '-c', file, '--print-topology');
    await runTools(topology.stdout);
    // A disk that goes with the container is an error of its own.
    const code = (await durability(place.path)) === 'durable' ? 0 : 1;
    expect(await command('check', '-c', file)).toMatchObject({ code });

    await using bridge = startBridge(file);
    await bridge.whileRunning(
      expect
        .poll(async () => (await fetch(`http://127.0.0.1:${simulatorPort}/_sim/stats`)).json(), { timeout: 60_000 })
        .toMatchObject({ feeds: { journey: { completedEvents: 1000 }, association: { completedEvents: 1000 } } }),
    );
    expect(await bridge.sigterm()).toEqual({ code: 0, signal: null });
    for (const feed of feedNames) expect(await readTopic(kafka.bootstrap, `${topic}.${feed}`)).toHaveLength(1000);
  }, 120_000);
});
