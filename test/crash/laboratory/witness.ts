import type { SpoolTail } from '../../support/judge/spool-tail.ts';
import type { Ground } from '../ground.ts';

/** Looks for events at the moment at which their upstream is told that they are safe. */
export interface Witness {
  /** The upstream was told of these. Resolves when they were looked for. */
  told(ids: readonly string[]): Promise<void>;
  /**
   * What nobody found where it had to be, by the moment at which its upstream was told, in milliseconds since the epoch.
   * They were told too early, unless the broker says that it had them by then. Waits for those who still look.
   */
  unproved(): Promise<ReadonlyMap<string, number>>;
  /** Of how many events the upstream was told. */
  readonly looked: number;
}

/** With `spool`, what is in it is safe; what is not, or no longer, must be at the broker. */
export function createWitness({ absent }: Pick<Ground, 'absent'>, spool?: Pick<SpoolTail, 'absent'>): Witness {
  const unproved = new Map<string, number>();
  const pending = new Set<Promise<void>>();
  let looked = 0;

  async function look(ids: readonly string[]): Promise<void> {
    const at = Date.now();
    looked += ids.length;
    const unspooled = spool ? spool.absent('events', ids) : ids;
    const missing = absent && unspooled.length > 0 ? await absent('journey', unspooled) : unspooled;
    for (const id of missing) unproved.set(id, at);
  }

  return {
    told(ids) {
      const looking = look(ids).finally(() => pending.delete(looking));
      pending.add(looking);
      return looking;
    },
    async unproved() {
      await Promise.all(pending);
      return unproved;
    },
    get looked() {
      return looked;
    },
  };
}
