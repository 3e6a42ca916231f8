import type { FeedName } from '../../../src/core/batch.ts';
import { BridgeError } from '../../../src/core/errors.ts';
import type { HttpClient, HttpRequest, HttpResponse } from '../../../src/core/http.ts';
import type { Registration, RegistrationRecord, Registrations } from '../../../src/core/registration.ts';
import { Secret } from '../../../src/core/secret.ts';
import { createRegistrar, type RegistrarOptions } from '../../../src/registration/registrar.ts';

export const feed: FeedName = 'os1/callbacks';
export const callback = 'https://hooks.example.com/hooks/os1';

interface Hook {
  readonly url: string;
  readonly secret: string;
}

/** An upstream that keeps webhooks, as many as it is told, and a store that a kill leaves as it is. */
export interface FakeRegistry {
  readonly hooks: Map<string, Hook>;
  readonly requests: string[];
  readonly client: Pick<HttpClient, 'send'>;
  readonly store: Registrations;
  /** Called before each request and each write; what it throws is a kill at that moment. */
  before: (step: string) => void;
  /** Called after each request has worked, before its answer arrives. */
  after: (step: string) => void;
  clock: number;
}

export const registration: Registration = {
  endpoint: {
    baseUrl: 'https://api.example.com',
    auth: { kind: 'none' },
    headers: {},
    tls: {},
    timeouts: { connect: 1_000, headers: 1_000, body: 1_000 },
    maxResponseBytes: 1_000,
  },
  create: { method: 'POST', path: 'hooks', body: { url: '{callback}', secret: '{secret}', types: ['*', 1, null] } },
  id: '/data/id',
  check: { method: 'GET', path: 'hooks/{id}' },
  update: { method: 'PUT', path: 'hooks/{id}', body: { url: '{callback}', secret: '{secret}' } },
  remove: { method: 'DELETE', path: 'hooks/{id}' },
  find: { method: 'GET', path: 'hooks', items: '/items', callback: '/url', id: '/id' },
  secret: new Secret('first "secret"'),
  everyMs: 900_000,
};

export function fakeRegistry(): FakeRegistry {
  const records = new Map<FeedName, RegistrationRecord>();
  let made = 0;

  function answer({ method, path, body }: HttpRequest): { status: number; json?: unknown } {
    const [, id] = /^hooks\/(.*)$/.exec(path) ?? [];
    const given = body === undefined ? undefined : (JSON.parse(Buffer.from(body).toString()) as Hook);
    if (id === undefined && method === 'GET') {
      return { status: 200, json: { items: [...registry.hooks].map(([name, { url }]) => ({ id: name, url })) } };
    }
    if (id === undefined && given !== undefined) {
      made += 1;
      registry.hooks.set(`w ${made}`, { url: given.url, secret: given.secret });
      return { status: 201, json: { data: { id: `w ${made}` } } };
    }
    const name = decodeURIComponent(id ?? '');
    if (!registry.hooks.has(name)) return { status: 404 };
    if (method === 'DELETE') registry.hooks.delete(name);
    if (given !== undefined) registry.hooks.set(name, { url: given.url, secret: given.secret });
    return { status: 200, json: {} };
  }

  const registry: FakeRegistry = {
    hooks: new Map(),
    requests: [],
    before: () => {},
    after: () => {},
    clock: 0,
    client: {
      async send(request): Promise<HttpResponse> {
        const step = `${request.method} ${request.path}`;
        registry.before(step);
        registry.requests.push(step);
        const { status, json } = answer(request);
        registry.after(step);
        return { status, headers: {}, body: Buffer.from(JSON.stringify(json) ?? ''), receivedAt: new Date(0) };
      },
    },
    store: {
      get: async (name) => records.get(name),
      list: async () => [...records.values()],
      async set(record) {
        registry.before('store');
        records.set(record.feed, record);
      },
    },
  };
  return registry;
}

/** A registrar of a bridge that has just been started. */
export function registrarOf(registry: FakeRegistry, changed: Partial<Registration> = {}, url: string = callback) {
  const options: RegistrarOptions = {
    feed,
    store: registry.store,
    client: registry.client,
    registration: { ...registration, ...changed },
    callback: url,
    now: () => registry.clock,
    signal: new AbortController().signal,
  };
  return createRegistrar(options);
}

export class Killed extends BridgeError {
  constructor() {
    super('STOPPING', 'killed');
  }
}
