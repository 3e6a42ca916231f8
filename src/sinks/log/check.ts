import { randomUUID } from 'node:crypto';
import { open, statfs, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { FeedName } from '../../core/batch.ts';
import { toBridgeError } from '../../core/errors.ts';
import type { Finding } from '../../core/finding.ts';
import type { Template } from '../template.ts';
import { classify } from './classify.ts';
import type { LogBroker } from './config.ts';
import { makeFolder, syncFolder } from './folder.ts';
import type { LogDirectory } from './log-directory.ts';
import { checkTopicName } from './topic-name.ts';

const MiB = 1024 ** 2;

function problem(severity: 'error' | 'warning', subject: string, error: unknown): Finding {
  const { code, message, hint } = toBridgeError(error);
  return { severity, subject, code, message, hint };
}

/** Topics that depend on the event cannot be looked at beforehand. */
function checkTopics(topic: Template, feeds: readonly FeedName[]): readonly Finding[] {
  return feeds.flatMap((feed) => {
    try {
      checkTopicName(topic.renderFeed(feed) ?? 'unknown');
      return [];
    } catch (error) {
      return [problem('error', feed, error)];
    }
  });
}

/** Throws what a write, a sync of the file or one of the folder throws. */
async function tryWriting(dir: string): Promise<void> {
  await makeFolder(dir);
  const path = join(dir, `.probe-${randomUUID()}`);
  const handle = await open(path, 'wx');
  try {
    await handle.write('probe\n');
    await handle.sync();
  } finally {
    await handle.close();
    await unlink(path);
  }
  await syncFolder(dir);
}

async function checkSpace(broker: LogBroker): Promise<Finding> {
  const { bavail, bsize } = await statfs(broker.dir);
  const free = bavail * bsize;
  const message = `${broker.dir} has ${Math.floor(free / MiB)} MiB free`;
  if (free >= broker.segmentBytes) return { severity: 'ok', subject: broker.dir, message };
  const hint = 'Free some space, or lower `segmentBytes` and `retainBytes`.';
  return { severity: 'warning', subject: broker.dir, code: 'LOG_UNWRITABLE', message, hint };
}

/** Whether the log could be written now. `subject` of the findings is the folder, or the feed whose topic is at fault. */
export async function checkLog(
  broker: LogBroker,
  brokerName: string,
  directory: LogDirectory,
  topic: Template,
  feeds: readonly FeedName[],
): Promise<readonly Finding[]> {
  const findings = [...checkTopics(topic, feeds)];
  try {
    await tryWriting(broker.dir);
    findings.push({ severity: 'ok', subject: broker.dir, message: 'writable, and syncs' }, await checkSpace(broker));
  } catch (error) {
    findings.push(problem('error', broker.dir, classify(error, `write the log of broker ${brokerName}`)));
    return findings;
  }
  try {
    await directory.ready();
  } catch (error) {
    // Most often the bridge itself is running while somebody checks its configuration.
    findings.push(problem('warning', broker.dir, classify(error, `lock ${broker.dir}`)));
  }
  return findings;
}
