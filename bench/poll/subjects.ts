import { readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { feedNames } from '../../connectors/fenergo/feeds.ts';
import { type MeasuredChild, startChild } from '../support/child.ts';
import { readLines } from './read-lines.ts';

/** Something that drains the upstream into files, and how to read back what it wrote: events per feed, in order. */
export interface Subject {
  readonly name: string;
  start(baseUrl: string, dir: string): Promise<MeasuredChild>;
  /** The `Sequence` of each event. */
  read(dir: string): Promise<ReadonlyMap<string, readonly number[]>>;
}

const root = join(import.meta.dirname, '../..');

/** The Node.js options that the image starts it with: what stands between `node` and the script. */
function imageOptions(): readonly string[] {
  const [, entryPoint = '[]'] = /^ENTRYPOINT (.*)$/m.exec(readFileSync(join(root, 'Dockerfile'), 'utf8')) ?? [];
  return (JSON.parse(entryPoint) as string[]).slice(1, -1);
}

interface Notification {
  readonly payload: { readonly Sequence: number };
}

async function perFeed(
  read: (feed: string) => Promise<readonly string[]>,
  notification: (line: string) => Notification,
) {
  const feeds = new Map<string, number[]>();
  for (const feed of feedNames) {
    feeds.set(
      feed,
      (await read(feed)).map((line) => notification(line).payload.Sequence),
    );
  }
  return feeds;
}

export const bare: Subject = {
  name: 'bare loop',
  start: (baseUrl, dir) => startChild(join(root, 'bench/poll/bare.ts'), [baseUrl, dir]),
  read: (dir) =>
    perFeed(
      (feed) => readLines(join(dir, `${feed}.ndjson`)),
      (line) => JSON.parse(line) as Notification,
    ),
};

export const bridge: Subject = {
  name: 'feedferry',
  async start(baseUrl, dir) {
    await mkdir(dir, { recursive: true });
    const file = join(dir, 'feedferry.yaml');
    await writeFile(file, configuration(baseUrl, dir));
    return startChild(join(root, 'dist/src/main.js'), ['run', '-c', file], imageOptions());
  },
  read: (dir) =>
    perFeed(
      (feed) => readLines(join(dir, 'events', `fenergo.${feed}`)),
      (line) => (JSON.parse(line) as { data: Notification }).data,
    ),
};

function configuration(baseUrl: string, dir: string): string {
  return `version: 1
state: { dir: ${join(dir, 'state')} }
listen: { health: "127.0.0.1:0", admin: "127.0.0.1:0" }
brokers: { log: { type: log, dir: ${join(dir, 'events')} } }
pipelines:
  fenergo:
    from: { connector: fenergo, baseUrl: "${baseUrl}", feeds: all }
    to: { broker: log }
`;
}
