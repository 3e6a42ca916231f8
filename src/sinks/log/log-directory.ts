import { join } from 'node:path';
import { BridgeError } from '../../core/errors.ts';
import type { LogSettings } from './config.ts';
import { makeFolder } from './folder.ts';
import { lockFolder } from './lock.ts';
import type { OpenFile } from './segment.ts';
import { createTopicLog, type TopicLog } from './topic-log.ts';

export interface DirectoryOptions {
  readonly settings: LogSettings;
  readonly onRepaired: (file: string, droppedBytes: number) => void;
  readonly openFile: OpenFile;
  readonly now: () => number;
}

/** One folder of topics, which this process alone writes to. */
export interface LogDirectory {
  /** To be used at once: a topic that is idle may be closed when others are asked for. */
  topic(name: string): TopicLog;
  /** Makes the folder and takes the lock, unless that is done. Rejects when it cannot be written, or another process holds it. */
  ready(): Promise<void>;
}

/** Bounds the open files when topics are made from attributes of events. */
const maxOpenTopics = 256;

interface Shared extends LogDirectory {
  options: DirectoryOptions;
  users: number;
  close(): Promise<void>;
}

function createShared(dir: string, first: DirectoryOptions, before: Promise<void>): Shared {
  const topics = new Map<string, TopicLog>();
  const retired = new Set<Promise<void>>();
  let unlock: (() => void) | undefined;
  let preparing: Promise<void> | undefined;

  async function prepare(): Promise<void> {
    await before;
    await makeFolder(dir);
    if (shared.users === 0) throw new BridgeError('STOPPING', `${dir} is closed`);
    unlock = lockFolder(dir);
  }

  function retireOne(): void {
    for (const [name, topic] of topics) {
      if (!topic.idle()) continue;
      topics.delete(name);
      const closing = topic.close().then(() => void retired.delete(closing));
      retired.add(closing);
      return;
    }
  }

  const shared: Shared = {
    options: first,
    users: 0,
    topic(name) {
      const known = topics.get(name);
      if (known !== undefined) return known;
      if (topics.size >= maxOpenTopics) retireOne();
      const created = createTopicLog({
        folder: join(dir, name),
        settings: () => shared.options.settings,
        ready: shared.ready,
        onRepaired: (file, droppedBytes) => shared.options.onRepaired(file, droppedBytes),
        openFile: (path, flags) => shared.options.openFile(path, flags),
        now: () => shared.options.now(),
      });
      topics.set(name, created);
      return created;
    },
    ready() {
      preparing ??= prepare().catch((error: unknown) => {
        preparing = undefined;
        throw error;
      });
      return preparing;
    },
    async close() {
      await Promise.all([...topics.values()].map((topic) => topic.close()));
      await Promise.all(retired);
      // A lock that is just being taken has to be let go of too.
      await preparing?.catch(() => {});
      unlock?.();
    },
  };
  return shared;
}

/** By absolute path: pipelines with the same log write through the same files and the same lock. */
const directories = new Map<string, Shared>();
const closings = new Map<string, Promise<void>>();

/** `dir` is absolute. The settings of the last one to come hold for all. `release` closes the log when nobody else uses it. */
export function acquireDirectory(
  dir: string,
  options: DirectoryOptions,
): { readonly directory: LogDirectory; release(): Promise<void> } {
  const shared = directories.get(dir) ?? createShared(dir, options, closings.get(dir) ?? Promise.resolve());
  directories.set(dir, shared);
  shared.options = options;
  shared.users += 1;
  return {
    directory: shared,
    async release() {
      shared.users -= 1;
      if (shared.users > 0) return;
      directories.delete(dir);
      const closing = shared.close();
      closings.set(dir, closing);
      await closing;
      if (closings.get(dir) === closing) closings.delete(dir);
    },
  };
}
