import type { OwnRabbitmq } from './native-broker.ts';

/**
 * Resolves when the server has on its disk which queues, bindings and accounts there are. It does so by itself, but half
 * a second later or more: a quorum queue whose server is killed before that comes back leaderless and empty.
 */
export async function writtenDown(broker: OwnRabbitmq): Promise<void> {
  await broker.ctl('eval', 'lists:foreach(fun dets:sync/1, dets:all()), mnesia:sync_log().');
}
