import { BridgeError } from '../core/errors.ts';
import type { HttpClient, HttpResponse } from '../core/http.ts';
import type { Registration, RegistrationRequest } from '../core/registration.ts';
import { createMask } from '../http/mask-secrets.ts';
import { classifyStatus } from '../kit/classify-status.ts';
import { follow, parsePointer } from '../kit/json-pointer.ts';
import { fill } from './fill.ts';

/** Speaks with an upstream about one registration. Rejects with a BridgeError. */
export interface Asking {
  /** Whether it was done; false: there is no such registration. */
  done(request: RegistrationRequest, id: string): Promise<boolean>;
  /** The id of what was made; "" where the upstream names none, undefined where it should have and has not. */
  create(): Promise<string | undefined>;
  /** What is registered for this URL already, by the upstream's names. */
  find(request: NonNullable<Registration['find']>): Promise<readonly string[]>;
}

export interface AskOptions {
  readonly registration: Registration;
  readonly callback: string;
  readonly client: Pick<HttpClient, 'send'>;
  readonly signal: AbortSignal;
}

function jsonOf({ body }: HttpResponse, what: string): unknown {
  try {
    return JSON.parse(Buffer.from(body).toString());
  } catch (cause) {
    throw new BridgeError('UPSTREAM_REFUSED', `${what}: the answer is not JSON`, { cause });
  }
}

function at(value: unknown, pointer: string): unknown {
  return pointer === '' ? value : follow(value, parsePointer(pointer) ?? []);
}

function textOf(value: unknown): string | undefined {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

export function createAsking({ registration, callback, client, signal }: AskOptions): Asking {
  const secret = registration.secret?.reveal() ?? '';
  // A secret may also be the end of the callback's path.
  const mask = createMask([secret, callback]);

  async function send(request: RegistrationRequest, id: string): Promise<HttpResponse | undefined> {
    const response = await client.send(fill(request, { callback, secret, id }), signal);
    const { status } = response;
    if (status >= 200 && status < 300) return response;
    if (status === 404 || status === 410) return undefined;
    throw classifyStatus(mask(response), `${request.method} ${request.path}`);
  }

  return {
    async done(request, id) {
      return (await send(request, id)) !== undefined;
    },
    async create() {
      const what = `${registration.create.method} ${registration.create.path}`;
      const response = await send(registration.create, '');
      if (response === undefined) throw new BridgeError('UPSTREAM_NOT_FOUND', `${what}: there is no such path`);
      if (registration.id === undefined) return '';
      return textOf(at(jsonOf(response, what), registration.id));
    },
    async find(request) {
      const response = await send(request, '');
      if (response === undefined) return [];
      const items = at(jsonOf(response, `${request.method} ${request.path}`), request.items);
      if (!Array.isArray(items)) return [];
      return items
        .filter((item) => at(item, request.callback) === callback)
        .flatMap((item) => textOf(at(item, request.id)) ?? []);
    },
  };
}
