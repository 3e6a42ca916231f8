import { request as requestPlain } from 'node:http';
import { request as requestEncrypted } from 'node:https';
import { BridgeError } from '../../core/errors.ts';
import type { RabbitmqBroker } from './config.ts';

/** The management API of a broker, for reading. */
export interface Management {
  /**
   * `path`: its parts, not yet escaped. Undefined: there is no such thing. A BridgeError where the API cannot say, or when
   * `signal` aborts (its reason). Never rejects.
   */
  get(path: readonly string[], signal: AbortSignal): Promise<unknown>;
}

/** An answer beyond it is not read: the bindings of an exchange are some 200 bytes each. */
const maxBytes = 8 * 1024 ** 2;

interface Answer {
  readonly status: number;
  readonly body: string;
}

function ask(url: URL, options: object, signal: AbortSignal): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const send = url.protocol === 'https:' ? requestEncrypted : requestPlain;
  const sent = send(url, { ...options, agent: false, signal }, (response) => {
    const chunks: Buffer[] = [];
    let size = 0;
    response.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > maxBytes) response.destroy(new Error(`an answer of more than ${maxBytes} bytes`));
      else chunks.push(chunk);
    });
    response.on('end', () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() }));
    response.on('error', reject);
  });
  sent.on('error', reject);
  sent.end();
  return promise;
}

function reasonOf(error: unknown): string {
  if (typeof error === 'object' && error !== null && 'code' in error) return String(error.code);
  return error instanceof Error ? error.message : String(error);
}

/** Undefined where the settings name none. */
export function openManagement(broker: RabbitmqBroker, brokerName: string): Management | undefined {
  if (broker.management === undefined) return undefined;
  const settings = typeof broker.management === 'string' ? { url: broker.management } : broker.management;
  const { username = broker.username, password = broker.password } = settings;
  const { ca, cert, key } = broker.tls ?? {};
  const options = {
    auth: `${username}:${password?.reveal()}`,
    headers: { accept: 'application/json' },
    ...(ca && { ca: ca.reveal() }),
    ...(cert && { cert: cert.reveal() }),
    ...(key && { key: key.reveal() }),
  };
  const base = settings.url.replace(/\/+$/, '');
  const at = `the management API of ${brokerName} (${base})`;

  return {
    async get(path, signal) {
      try {
        const url = new URL(`${base}/api/${path.map(encodeURIComponent).join('/')}`);
        const { status, body } = await ask(url, options, signal);
        if (status === 200) return JSON.parse(body);
        if (status === 404) return undefined;
        if (status === 401 || status === 403) {
          return new BridgeError('BROKER_NOT_AUTHORISED', `${at} does not show the account its ${path[0]}`, {
            hint: 'It takes the right password, a permission in the virtual host, and the tag `management`; for policies `policymaker`.',
          });
        }
        return new BridgeError('BROKER_UNAVAILABLE', `${at} answers with status ${status}`);
      } catch (cause) {
        if (signal.aborted) return signal.reason;
        return new BridgeError('BROKER_UNREACHABLE', `no answer from ${at}: ${reasonOf(cause)}`, { cause });
      }
    },
  };
}
