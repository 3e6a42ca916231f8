import { createHmac } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { FeedName } from '../../../src/core/batch.ts';
import { sinkTypes } from '../../../src/sinks/index.ts';
import { startConfigured } from '../../support/configured-daemon.ts';
import { freePortNumbers } from '../../support/free-ports.ts';
import { type RegisteredHook, type Registry, startRegistry } from '../../support/registry/registry.ts';

const feed: FeedName = 'os1/callbacks';

let resources: AsyncDisposableStack;
let registry: Registry;
let dir: string;
let port: number;
beforeEach(async () => {
  resources = new AsyncDisposableStack();
  registry = resources.use(await startRegistry());
  dir = await mkdtemp(join(tmpdir(), 'feedferry-registration-'));
  resources.defer(() => rm(dir, { recursive: true, force: true }));
  [port = 0] = await freePortNumbers(1);
});
afterEach(() => resources.disposeAsync());

interface Choices {
  readonly keys?: string;
  readonly path?: string;
  /** More lines below `register`. */
  readonly register?: readonly string[];
  /** What the file says at a reload. Default: what it said. */
  readonly present?: () => string;
}

function fileOf({ keys = '[first]', path = '/hooks/os1', register = [] }: Choices): string {
  return `
version: 1
publicUrl: http://127.0.0.1:${port}
state: { dir: ${join(dir, 'state')} }
listen: { hooks: "127.0.0.1:${port}", admin: "127.0.0.1:0", health: "127.0.0.1:0" }
brokers: { out: { type: log, dir: ${join(dir, 'events')} } }
pipelines:
  os1:
    from:
      connector: os1
      account: acme
      path: ${path}
      verify: { preset: os1, keys: ${keys} }
      register:
        baseUrl: ${registry.baseUrl}
        create: { path: hooks, body: { url: "{callback}", secret: "{secret}" } }
        id: /id
        check: { path: "hooks/{id}" }
        update: { path: "hooks/{id}", body: { url: "{callback}", secret: "{secret}" } }
        remove: { path: "hooks/{id}" }
        find: { path: hooks, callback: /url, id: /id }
${register.map((line) => `        ${line}\n`).join('')}
    to: { broker: out, topic: os1 }
`;
}

/** A bridge on the same state each time; `stop` ends it as SIGTERM does. */
async function bridge({ present, ...choices }: Choices = {}) {
  const running = resources.use(new AsyncDisposableStack());
  const started = await startConfigured(
    {
      file: join(dir, 'feedferry.yaml'),
      sinkTypes,
      text: fileOf(choices),
      ...(present && { present }),
    },
    running,
  );
  return { ...started, stop: () => running.disposeAsync() };
}

/** What the upstream sends to whoever is registered. */
async function call({ url }: RegisteredHook, secret: string, id: string): Promise<number> {
  const body = JSON.stringify({ eventType: 'Created', service: 'Container', data: { id } });
  const signature = createHmac('sha256', secret).update(body).digest('hex');
  // The next bridge listens on the same port: no connection to the last one is kept.
  const headers = { 'content-type': 'application/json', 'x-os1-signature': signature, connection: 'close' };
  return (await fetch(url, { method: 'POST', body, headers })).status;
}

function onlyHook(): RegisteredHook {
  const [hook, ...more] = registry.hooks.values();
  if (hook === undefined || more.length > 0) throw new Error(`there are ${registry.hooks.size}`);
  return hook;
}

describe('a pipeline that registers itself', () => {
  it('tells the upstream at the start where to send, with which secret, and takes what it sends', async () => {
    const { recorder } = await bridge();
    expect(await recorder.seen('registration.changed')).toMatchObject({ feed, change: 'created', id: 'w-1' });
    expect(onlyHook()).toEqual({ url: `http://127.0.0.1:${port}/hooks/os1`, secret: 'first' });
    expect(await call(onlyHook(), onlyHook().secret, 'CNT-1')).toBe(202);
  });

  it('registers nothing twice: not at a restart, not without its state, not when the upstream was away', async () => {
    registry.failing = 503;
    const first = await bridge();
    expect(await first.recorder.seen('attempt.failed')).toMatchObject({ subject: feed, activity: 'register' });
    registry.failing = undefined;
    await first.recorder.seen('registration.changed');
    await first.stop();
    const second = await bridge({ register: ['every: 50ms'] });
    await expect.poll(() => registry.requests.slice(-2)).toEqual(['GET /hooks/w-1', 'GET /hooks/w-1']);
    expect(second.recorder.of('registration.changed')).toEqual([]);
    await second.stop();
    await rm(join(dir, 'state'), { recursive: true });
    const third = await bridge();
    expect(await third.recorder.seen('registration.changed')).toMatchObject({ change: 'found', id: 'w-1' });
    expect(registry.hooks.size).toBe(1);
  });

  it('makes a registration again that the upstream has lost', async () => {
    const { recorder } = await bridge({ register: ['every: 50ms'] });
    await recorder.seen('registration.changed');
    registry.hooks.clear();
    expect(await recorder.seen('registration.changed', 2)).toMatchObject({ change: 'lost', id: 'w-2' });
    expect(await call(onlyHook(), 'first', 'CNT-2')).toBe(202);
  });

  it('replaces a secret without a gap: the old one is good until it is taken away', async () => {
    const first = await bridge();
    await first.recorder.seen('registration.changed');
    await first.stop();
    const second = await bridge({ keys: '[second, first]' });
    expect(await second.recorder.seen('registration.changed')).toMatchObject({ change: 'updated', id: 'w-1' });
    expect(onlyHook().secret).toBe('second');
    expect(await call(onlyHook(), 'first', 'CNT-3')).toBe(202);
    expect(await call(onlyHook(), 'second', 'CNT-4')).toBe(202);
    await second.stop();
    await bridge({ keys: '[second]' });
    expect(await call(onlyHook(), 'first', 'CNT-5')).toBe(401);
    expect(await call(onlyHook(), 'second', 'CNT-6')).toBe(202);
  });

  it('is unregistered and registered by hand, and stays so across a restart', async () => {
    const first = await bridge();
    await first.recorder.seen('registration.changed');
    expect(await first.operations.unregister(feed, 'moving')).toEqual({ change: 'withdrawn', id: 'w-1' });
    expect(registry.hooks.size).toBe(0);
    await first.stop();
    const second = await bridge({ register: ['every: 50ms'] });
    expect(await second.recorder.seen('registration.changed')).toMatchObject({ change: 'withdrawn' });
    expect(registry.hooks.size).toBe(0);
    expect(await second.operations.register(feed, 'moved')).toMatchObject({ change: 'created' });
    expect(await second.operations.register(feed, 'again')).toMatchObject({ change: 'kept' });
    expect(registry.hooks.size).toBe(1);
    const acts = (await second.daemon.state.audit.list(10)).map(({ action, reason }) => `${action}: ${reason}`);
    expect(acts).toEqual(['register: again', 'register: moved', 'unregister: moving']);
  });

  it('is told of a new path by a reload, and cannot be taken out of the file before it is unregistered', async () => {
    let text = fileOf({});
    const { recorder, daemon, operations } = await bridge({ present: () => text });
    await recorder.seen('registration.changed');
    text = fileOf({ path: '/hooks/moved' });
    expect(await daemon.reload('test')).toMatchObject({ outcome: 'applied', changed: ['os1'] });
    expect(await recorder.seen('registration.changed', 2)).toMatchObject({ change: 'updated', id: 'w-1' });
    expect(onlyHook().url).toBe(`http://127.0.0.1:${port}/hooks/moved`);
    expect(await call(onlyHook(), 'first', 'CNT-7')).toBe(202);

    text = fileOf({ path: '/hooks/moved' }).replace('\n  os1:', '\n  other:');
    const refused = await daemon.reload('test');
    expect(refused).toMatchObject({ outcome: 'refused', findings: [{ code: 'CONFIG_ORPHANS_STATE', subject: feed }] });
    expect(refused.findings[0]).toMatchObject({
      hint: 'Nothing was applied. First: feedferry unregister os1/callbacks',
    });
    await operations.unregister(feed, 'renamed');
    expect(await daemon.reload('test')).toMatchObject({ outcome: 'applied', added: ['other'] });
    await expect.poll(() => registry.hooks.size).toBe(1);

    text = text.replace(`publicUrl: http://127.0.0.1:${port}`, 'publicUrl: https://hooks.example.com');
    expect(await daemon.reload('test')).toMatchObject({ findings: [{ code: 'CONFIG_NEEDS_RESTART' }] });
  });

  it('says plainly that another feed has nothing to register', async () => {
    const { operations } = await bridge();
    await expect(operations.register('os1/other', 'x')).rejects.toMatchObject({ code: 'FEED_UNKNOWN' });
  });
});
