import type { PipelineDefinition } from '../config/configuration.ts';
import type { FeedName } from '../core/batch.ts';
import type { Finding } from '../core/finding.ts';
import type { State } from '../core/state.ts';
import { feedsOf } from './plan.ts';

/** What of the state a reload looks at. */
export type OrphanedState = Pick<State, 'ledger' | 'cursors'> & {
  readonly deadLetters: Pick<State['deadLetters'], 'parkedKeys'>;
  readonly registrations: Pick<State['registrations'], 'list'>;
  readonly spool: Pick<State['spool'], 'state'>;
  readonly requests: Pick<State['requests'], 'unpublished'>;
};

/** A feed cannot have more batches open upstream than this. */
const newest = 1_000;

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

function orphaned(feed: FeedName, what: readonly string[], hint: string): Finding {
  const message = `${feed} is gone from the configuration, while it has ${what.join(' and ')}.`;
  return { severity: 'error', subject: feed, code: 'CONFIG_ORPHANS_STATE', message, hint };
}

/** What is parked or spooled of feeds that are gone. */
export async function findOrphanedRecords(
  gone: readonly FeedName[],
  state: OrphanedState,
): Promise<readonly Finding[]> {
  if (gone.length === 0) return [];
  const parked = await state.deadLetters.parkedKeys();
  const spooled = (await state.spool.state()).feeds;
  return gone.flatMap((feed) => {
    const keys = parked.filter((key) => key.feed === feed);
    const records = keys.reduce((sum, { count }) => sum + count, 0);
    const waiting = spooled.find((use) => use.feed === feed)?.records ?? 0;
    const what = [
      ...(keys.length === 0 ? [] : [`${counted(records, 'record')} parked at ${counted(keys.length, 'key')}`]),
      ...(waiting === 0 ? [] : [counted(waiting, 'spooled record')]),
    ];
    if (what.length === 0) return [];
    const first = [
      ...(keys.length === 0 ? [] : ['release its parked keys, or discard what is parked']),
      ...(waiting === 0 ? [] : ['let it deliver what is spooled']),
    ];
    return [orphaned(feed, what, `Nothing was applied. Keep the name; or first ${first.join(', and ')}.`)];
  });
}

/** What upstreams would go on sending to for ever: only their feed knows how to end it. */
export async function findOrphanedRegistrations(
  gone: readonly FeedName[],
  state: OrphanedState,
): Promise<readonly Finding[]> {
  if (gone.length === 0) return [];
  const held = (await state.registrations.list()).filter(({ status, id }) => status === 'registered' || id !== '');
  return held
    .filter(({ feed }) => gone.includes(feed))
    .map(({ feed }) =>
      orphaned(feed, ['a registration at its upstream'], `Nothing was applied. First: feedferry unregister ${feed}`),
    );
}

/** Answers that wait to be published by feeds that are gone. `definitions`: of what runs. */
export async function findOrphanedAnswers(
  gone: readonly FeedName[],
  definitions: readonly PipelineDefinition[],
  state: OrphanedState,
): Promise<readonly Finding[]> {
  const publishing = definitions.flatMap(({ name, feeds }) =>
    feeds.flatMap((feed): readonly { readonly feed: FeedName; readonly of: FeedName }[] =>
      feed.arrival.kind === 'answers' ? [{ feed: `${name}/${feed.name}`, of: `${name}/${feed.arrival.of}` }] : [],
    ),
  );
  const found = publishing
    .filter(({ feed }) => gone.includes(feed))
    .map(async ({ feed, of }): Promise<Finding[]> => {
      const [answer] = await state.requests.unpublished(of, 0, 1);
      const hint = 'Nothing was applied. Keep its name and `publishAnswer`; or first let it publish them.';
      return answer === undefined ? [] : [orphaned(feed, ['answers that wait to be published'], hint)];
    });
  return (await Promise.all(found)).flat();
}

/** Positions of feeds whose upstream is there under another name: it would begin anew. */
export async function findOrphanedCursors(
  removed: readonly PipelineDefinition[],
  added: readonly PipelineDefinition[],
  state: OrphanedState,
): Promise<readonly Finding[]> {
  const renamed = removed.flatMap((before) => {
    const after = added.find(({ fingerprint }) => fingerprint.from === before.fingerprint.from);
    return after === undefined ? [] : [{ before, after }];
  });
  if (renamed.length === 0) return [];
  const cursors = await state.cursors.list();
  return renamed.flatMap(({ before, after }): Finding[] => {
    const own = feedsOf(before).filter((feed) => cursors.some((cursor) => cursor.feed === feed));
    const [feed] = own;
    if (feed === undefined) return [];
    const renamedFeed = feed.replace(before.name, after.name);
    const positions = `the position${own.length === 1 ? '' : 's'} of ${own.join(', ')}`;
    return [
      {
        severity: 'error',
        subject: after.position,
        code: 'CONFIG_ORPHANS_STATE',
        message: `${after.name} reads the upstream of ${before.name}, and would do so from the beginning: ${positions} would be left behind.`,
        hint: `Nothing was applied. Keep the name ${before.name}; or stop the bridge, set each position with feedferry cursor set ${renamedFeed} POSITION --reason …, and start it again.`,
      },
    ];
  });
}

/**
 * Batches of feeds that are gone, and have been stopped, that are published and that upstream still holds open. `idleAt`:
 * when upstream had nothing more, in milliseconds since the epoch: what was published before is not open, whatever the
 * ledger knows.
 */
export async function findOpenBatches(
  gone: readonly FeedName[],
  state: OrphanedState,
  idleAt: (feed: FeedName) => number | null,
): Promise<readonly Finding[]> {
  const found = gone.map(async (feed): Promise<Finding[]> => {
    const entries = await state.ledger.list({ feed, limit: newest });
    const last = entries.findIndex(({ completedAt }) => completedAt !== null);
    // Behind a completed one upstream went on.
    const leading = last === -1 ? entries : entries.slice(0, last);
    const open = leading.filter(({ publishedAt }) => publishedAt.getTime() > (idleAt(feed) ?? 0));
    if (open.length === 0) return [];
    const what = `${open.length === 1 ? 'a batch' : `${open.length} batches`} published and not completed upstream`;
    const hint =
      'Nothing was applied. Keep the name: another would publish them again; or first let it complete them (feedferry resume, feedferry ledger).';
    return [orphaned(feed, [what], hint)];
  });
  return (await Promise.all(found)).flat();
}
