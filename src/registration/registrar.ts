import { hash } from 'node:crypto';
import type { FeedName } from '../core/batch.ts';
import { BridgeError } from '../core/errors.ts';
import type { Registration, RegistrationRecord, Registrations } from '../core/registration.ts';
import { type AskOptions, createAsking } from './ask.ts';
import { needsId } from './fill.ts';

export interface RegistrarOptions extends AskOptions {
  readonly feed: FeedName;
  readonly store: Registrations;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** What was done to have it registered. `lost`: it was, and is no more; so it was made anew. */
export type RegistrationChange = 'created' | 'found' | 'updated' | 'renewed' | 'lost' | 'kept' | 'withdrawn';

export interface Registered {
  readonly change: RegistrationChange;
  /** "" where the upstream has no name for it. */
  readonly id: string;
}

/** Equal for what makes equal registrations. */
export function fingerprintOf({ create, update, find, secret, endpoint }: Registration, callback: string): string {
  const parts = [endpoint.baseUrl, callback, secret?.reveal() ?? null, create, update ?? null, find?.path ?? null];
  return hash('sha256', JSON.stringify(parts), 'hex').slice(0, 32);
}

/**
 * Keeps one registration at an upstream. What it has done is in the store before it goes on, so that a kill at any
 * moment leaves at most one too many, and `find` prevents that one too. Methods reject with a BridgeError, and can be
 * called again.
 */
export interface Registrar {
  /** Has it registered, with the present URL and secret. Does nothing to one that was withdrawn, unless `again`. */
  ensure(options?: { readonly again: boolean }): Promise<Registered>;
  /** Removes it, and has it stay so. Rejects with FEED_NOT_CAPABLE, before anything, where the upstream has no way. */
  withdraw(): Promise<Registered>;
}

export function createRegistrar(options: RegistrarOptions): Registrar {
  const { feed, store, registration, callback, now } = options;
  const { check, update, remove, find } = registration;
  const asking = createAsking(options);
  const fingerprint = fingerprintOf(registration, callback);

  async function keep(id: string, formerId?: string): Promise<RegistrationRecord> {
    const record: RegistrationRecord = {
      feed,
      status: 'registered',
      id,
      ...(formerId !== undefined && { formerId }),
      fingerprint,
      changedAt: new Date(now()),
    };
    await store.set(record);
    return record;
  }

  /** Undefined: it cannot be asked about this one. */
  async function done(request: typeof check, id: string): Promise<boolean | undefined> {
    if (request === undefined || (id === '' && needsId(request))) return undefined;
    return asking.done(request, id);
  }

  /** Only with the new one known, so that there is no time without any. */
  async function removeFormer({ formerId, ...present }: RegistrationRecord): Promise<void> {
    if (formerId === undefined) return;
    if (formerId !== present.id) await done(remove, formerId);
    await store.set(present);
  }

  async function create(formerId?: string): Promise<string> {
    const id = await asking.create();
    // It is there all the same: to try again would only make another one.
    const record = await keep(id ?? '', formerId);
    if (id === undefined) {
      const place = `${registration.create.method} ${registration.create.path}`;
      throw new BridgeError(
        'UPSTREAM_REFUSED',
        `${place}: registered, but the answer has no id at ${registration.id}`,
        {
          hint: 'Correct `register.id`. The registration cannot be checked or removed without it.',
        },
      );
    }
    await removeFormer(record);
    return id;
  }

  /** What a withdrawal that was cut off has left over. */
  async function removeWithdrawn(known: RegistrationRecord): Promise<void> {
    if (known.id === '') return;
    await done(remove, known.id);
    await store.set({ ...known, id: '' });
  }

  /** None is known here; one may be there, of a time before this state. */
  async function begin(): Promise<Registered> {
    const [id, ...others] = find === undefined ? [] : await asking.find(find);
    for (const other of others) await done(remove, other);
    if (id === undefined) return { change: 'created', id: await create() };
    if (await done(update, id)) {
      await keep(id);
      return { change: 'found', id };
    }
    // Its secret is not known to be the right one.
    return { change: 'created', id: await create(id) };
  }

  async function change(known: RegistrationRecord, word: 'updated' | 'renewed'): Promise<Registered> {
    const changed = await done(update, known.id);
    if (changed === true) {
      await keep(known.id);
      return { change: word, id: known.id };
    }
    if (changed === false) return { change: 'lost', id: await create() };
    return { change: word, id: await create(known.id === '' ? undefined : known.id) };
  }

  return {
    async ensure({ again } = { again: false }) {
      const known = await store.get(feed);
      if (known === undefined) return begin();
      if (known.status === 'withdrawn') {
        await removeWithdrawn(known);
        return again ? begin() : { change: 'withdrawn', id: '' };
      }
      await removeFormer(known);
      if (known.fingerprint !== fingerprint) return change(known, 'updated');
      const { renewMs } = registration;
      if (renewMs !== undefined && now() - known.changedAt.getTime() >= renewMs) return change(known, 'renewed');
      if ((await done(check, known.id)) === false) return { change: 'lost', id: (await begin()).id };
      return { change: 'kept', id: known.id };
    },
    async withdraw() {
      if (remove === undefined) {
        throw new BridgeError('FEED_NOT_CAPABLE', `${feed} has no request that removes its registration`, {
          hint: 'Set `register.remove`, or remove it at the upstream.',
        });
      }
      const known = await store.get(feed);
      const found = find === undefined ? [] : await asking.find(find);
      for (const id of found) if (id !== known?.id) await done(remove, id);
      if (known !== undefined) await removeFormer(known);
      // Said before it is done: once it is gone, nothing must believe that it is there.
      const record = {
        feed,
        status: 'withdrawn',
        id: known?.id ?? '',
        fingerprint,
        changedAt: new Date(now()),
      } as const;
      await store.set(record);
      await removeWithdrawn(record);
      return { change: 'withdrawn', id: record.id };
    },
  };
}
