import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Registration } from '../../../src/core/registration.ts';
import { Secret } from '../../../src/core/secret.ts';
import { callback, type FakeRegistry, fakeRegistry, feed, Killed, registrarOf, registration } from './fake-registry.ts';

const second = { secret: new Secret('second') };

/** Without the requests of that name. */
function lacking(...names: readonly (keyof Registration)[]): Partial<Registration> {
  return Object.fromEntries(names.map((name) => [name, undefined]));
}

describe('a registration', () => {
  it('is made once, and found to be there afterwards, also after a restart', async () => {
    const registry = fakeRegistry();
    expect(await registrarOf(registry).ensure()).toEqual({ change: 'created', id: 'w 1' });
    expect(await registrarOf(registry).ensure()).toEqual({ change: 'kept', id: 'w 1' });
    expect([...registry.hooks]).toEqual([['w 1', { url: callback, secret: 'first "secret"' }]]);
    expect(registry.requests).toEqual(['GET hooks', 'POST hooks', 'GET hooks/w%201']);
  });

  it('that the upstream has lost is made again', async () => {
    const registry = fakeRegistry();
    await registrarOf(registry).ensure();
    registry.hooks.clear();
    expect(await registrarOf(registry).ensure()).toEqual({ change: 'lost', id: 'w 2' });
    expect(registry.hooks.size).toBe(1);
  });

  it('of before this state is found, and gets the present secret', async () => {
    const registry = fakeRegistry();
    registry.hooks.set('old', { url: callback, secret: 'forgotten' });
    registry.hooks.set('alien', { url: 'https://other.example.com', secret: 'x' });
    expect(await registrarOf(registry).ensure()).toEqual({ change: 'found', id: 'old' });
    expect(registry.hooks.get('old')?.secret).toBe('first "secret"');
    expect(registry.hooks.size).toBe(2);
  });

  it('of before this state is replaced where it cannot be changed', async () => {
    const registry = fakeRegistry();
    registry.hooks.set('old', { url: callback, secret: 'forgotten' });
    expect(await registrarOf(registry, lacking('update')).ensure()).toEqual({ change: 'created', id: 'w 1' });
    expect([...registry.hooks.keys()]).toEqual(['w 1']);
  });

  it('is changed when its secret or its URL is', async () => {
    const registry = fakeRegistry();
    await registrarOf(registry).ensure();
    expect(await registrarOf(registry, second).ensure()).toEqual({ change: 'updated', id: 'w 1' });
    expect(await registrarOf(registry, second, `${callback}/new`).ensure()).toEqual({ change: 'updated', id: 'w 1' });
    expect([...registry.hooks]).toEqual([['w 1', { url: `${callback}/new`, secret: 'second' }]]);
    expect((await registrarOf(registry, second, `${callback}/new`).ensure()).change).toBe('kept');
  });

  it('that cannot be changed is replaced, and there is one at every moment', async () => {
    const registry = fakeRegistry();
    const without = lacking('update', 'find');
    await registrarOf(registry, without).ensure();
    registry.after = () => expect(registry.hooks.size).toBeGreaterThan(0);
    expect(await registrarOf(registry, { ...without, ...second }).ensure()).toEqual({ change: 'updated', id: 'w 2' });
    expect([...registry.hooks]).toEqual([['w 2', { url: callback, secret: 'second' }]]);
    registry.requests.length = 0;
    await registrarOf(registry, { ...without, ...second }).ensure();
    expect(registry.requests).toEqual(['GET hooks/w%202']);
  });

  it('that is there several times is there once afterwards', async () => {
    const registry = fakeRegistry();
    for (const id of ['one', 'two', 'three']) registry.hooks.set(id, { url: callback, secret: 'forgotten' });
    expect(await registrarOf(registry).ensure()).toEqual({ change: 'found', id: 'one' });
    expect([...registry.hooks.keys()]).toEqual(['one']);
  });

  it('whose withdrawal was cut off is removed later, by whoever looks', async () => {
    const registry = fakeRegistry();
    await registrarOf(registry).ensure();
    registry.before = (step) => {
      if (step.startsWith('DELETE')) throw new Killed();
    };
    await expect(registrarOf(registry).withdraw()).rejects.toThrow('killed');
    registry.before = () => {};
    expect(registry.hooks.size).toBe(1);
    expect(await registrarOf(registry).ensure()).toEqual({ change: 'withdrawn', id: '' });
    expect(registry.hooks.size).toBe(0);
  });

  it('that runs out is renewed in time', async () => {
    const registry = fakeRegistry();
    const leased = { renewMs: 1_000 };
    await registrarOf(registry, leased).ensure();
    registry.clock = 999;
    expect((await registrarOf(registry, leased).ensure()).change).toBe('kept');
    registry.clock = 1_000;
    expect((await registrarOf(registry, leased).ensure()).change).toBe('renewed');
    registry.clock = 1_999;
    expect((await registrarOf(registry, leased).ensure()).change).toBe('kept');
  });

  it('that was withdrawn stays so, until it is asked for again', async () => {
    const registry = fakeRegistry();
    await registrarOf(registry).ensure();
    expect(await registrarOf(registry).withdraw()).toEqual({ change: 'withdrawn', id: 'w 1' });
    expect(registry.hooks.size).toBe(0);
    expect((await registrarOf(registry, second).ensure()).change).toBe('withdrawn');
    expect(registry.hooks.size).toBe(0);
    expect((await registrarOf(registry).ensure({ again: true })).change).toBe('created');
    expect((await registrarOf(registry).ensure()).change).toBe('kept');
  });

  it('is withdrawn twice without harm, and also where only the upstream knows of it', async () => {
    const registry = fakeRegistry();
    registry.hooks.set('old', { url: callback, secret: 'forgotten' });
    for (const _ of [1, 2]) expect((await registrarOf(registry).withdraw()).change).toBe('withdrawn');
    expect(registry.hooks.size).toBe(0);
  });

  it('is not withdrawn where there is no request for it', async () => {
    const registry = fakeRegistry();
    await registrarOf(registry).ensure();
    await expect(registrarOf(registry, lacking('remove')).withdraw()).rejects.toThrow('no request that removes');
    expect((await registrarOf(registry).ensure()).change).toBe('kept');
  });

  it('whose id cannot be found in the answer is not made again and again', async () => {
    const registry = fakeRegistry();
    const elsewhere = { ...lacking('find'), id: '/id' };
    await expect(registrarOf(registry, elsewhere).ensure()).rejects.toThrow('the answer has no id at /id');
    expect((await registrarOf(registry, elsewhere).ensure()).change).toBe('kept');
    expect(registry.hooks.size).toBe(1);
  });

  it('keeps its secret out of the state, and out of errors', async () => {
    const registry = fakeRegistry();
    await registrarOf(registry).ensure();
    expect(JSON.stringify(await registry.store.list())).not.toContain('secret');
    const { send } = registry.client;
    const echoing = async (...call: Parameters<typeof send>) => {
      const body = call[0].body ?? Buffer.from('');
      return { ...(await send(...call)), status: 400, body };
    };
    Object.assign(registry.client, { send: echoing });
    registry.hooks.clear();
    const failing = registrarOf(registry, { ...second, ...lacking('check', 'find') });
    await expect(failing.ensure()).rejects.toThrow(/PUT hooks\/\{id\}: answered 400: .*\[secret\]/);
  });
});

describe('a kill at any moment', () => {
  const settings = fc.subarray<keyof Registration>(['check', 'update', 'find']);
  const lives = fc.array(
    fc.record({
      act: fc.constantFrom('ensure', 'rotate', 'move', 'lose', 'withdraw', 'again'),
      /** At which step, and whether the answer is what is lost. */
      kill: fc.option(fc.record({ step: fc.integer({ min: 1, max: 6 }), late: fc.boolean() })),
    }),
    { minLength: 1, maxLength: 8 },
  );

  async function live(
    registry: FakeRegistry,
    act: () => Promise<unknown>,
    kill: { step: number; late: boolean } | null,
  ) {
    let left = kill?.step ?? Number.POSITIVE_INFINITY;
    const strike = (late: boolean) => () => {
      if (kill?.late !== late) return;
      left -= 1;
      if (left <= 0) throw new Killed();
    };
    registry.before = strike(false);
    registry.after = strike(true);
    try {
      await act();
    } catch (error) {
      if (!(error instanceof Killed)) throw error;
    } finally {
      registry.before = () => {};
      registry.after = () => {};
    }
  }

  it('leaves one registration in the end, with the present secret and URL; without `find` at worst too many', async () => {
    await fc.assert(
      fc.asyncProperty(settings, lives, async (missing, acts) => {
        const registry = fakeRegistry();
        let [secret, url, kills] = ['secret 0', callback, 0];
        const present = () => registrarOf(registry, { ...lacking(...missing), secret: new Secret(secret) }, url);
        let withdrawn = false;
        for (const [index, { act, kill }] of acts.entries()) {
          if (act === 'rotate') secret = `secret ${index}`;
          if (act === 'move' && missing.length === 0) url = `${callback}/${index}`;
          if (act === 'lose' && !missing.includes('check')) registry.hooks.clear();
          if (kill !== null) kills += 1;
          if (act === 'withdraw') await live(registry, () => present().withdraw(), kill);
          else await live(registry, () => present().ensure({ again: act === 'again' }), kill);
        }
        withdrawn = (await registry.store.get(feed))?.status === 'withdrawn';
        await present().ensure();
        const ours = [...registry.hooks.values()];
        if (withdrawn) {
          if (kills === 0) expect(ours).toEqual([]);
          return;
        }
        expect(ours).toContainEqual({ url, secret });
        if (kills === 0) expect(ours).toEqual([{ url, secret }]);
        expect((await present().ensure()).change).toBe('kept');
      }),
      { numRuns: 2_000 },
    );
  });

  it('makes no second one where the upstream can be asked', async () => {
    for (const late of [false, true]) {
      for (const step of [1, 2, 3, 4]) {
        const registry = fakeRegistry();
        await live(registry, () => registrarOf(registry).ensure(), { step, late });
        await registrarOf(registry).ensure();
        expect([...registry.hooks.values()]).toEqual([{ url: callback, secret: 'first "secret"' }]);
      }
    }
  });
});

it('asks nothing of an upstream that it need not', async () => {
  const registry = fakeRegistry();
  const { find: _, check: __, ...bare } = registration;
  await registrarOf(registry, { ...lacking('find', 'check'), create: bare.create }).ensure();
  await registrarOf(registry, lacking('find', 'check')).ensure();
  expect(registry.requests).toEqual(['POST hooks']);
});
