import type { HooksListen } from '../../../src/config/configuration.ts';
import type { WebhookArrival } from '../../../src/core/connector.ts';
import type { Accepted } from '../../../src/core/hook.ts';
import type { RawRecord } from '../../../src/core/record.ts';
import type { VerifiedRequest } from '../../../src/core/webhook.ts';
import { createHooksListener, type HooksListener } from '../../../src/http/server/hooks.ts';
import { createRecorder, type Recorder } from '../recorder.ts';

const usual: HooksListen = {
  host: '127.0.0.1',
  port: 0,
  maxConnections: 5_000,
  maxRequests: 1_000,
  maxBytes: 64 * 1024 ** 2,
  headersTimeoutMs: 8_000,
  bodyTimeoutMs: 4_000,
  trustedProxies: [],
  forwardedHeader: 'x-forwarded-for',
};

/** What has become of records, and when; what was asked of it is to be seen in `taken`. */
export type Fate = (records: readonly RawRecord[]) => Accepted | Promise<Accepted>;

export interface HookedListener extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  readonly listener: HooksListener;
  readonly recorder: Recorder;
  /** Verified requests, in order. */
  readonly taken: readonly VerifiedRequest[];
  /** Records that were handed on. */
  readonly records: readonly RawRecord[];
}

/** A listener with one path, `/hooks/sample`, that takes JSON from anybody, one record each. */
export async function openListener({
  settings = {},
  arrival = {},
  fate = () => ({ status: 'safe' }),
}: {
  readonly settings?: Partial<HooksListen>;
  readonly arrival?: Partial<WebhookArrival>;
  readonly fate?: Fate;
} = {}): Promise<HookedListener> {
  const recorder = createRecorder();
  const taken: VerifiedRequest[] = [];
  const records: RawRecord[] = [];
  const listener = createHooksListener({ ...usual, ...settings }, recorder.report);
  await listener.register({
    feed: 'sample/events',
    arrival: {
      kind: 'webhook',
      path: '/hooks/sample',
      verification: { kind: 'nobody' },
      challenges: [],
      mediaTypes: ['application/json'],
      maxBodyBytes: 1024 ** 2,
      answer: { status: 202, withinMs: 8_000 },
      keepHeaders: [],
      records(request) {
        taken.push(request);
        const { body: bytes, receivedAt } = request;
        return [{ bytes, mediaType: 'application/json', headers: {}, receivedAt }];
      },
      ...arrival,
    },
    intake: {
      async accept(given) {
        records.push(...given);
        return fate(given);
      },
    },
  });
  const port = Number(listener.address?.split(':').at(-1));
  return {
    url: `${settings.tls ? 'https' : 'http'}://127.0.0.1:${port}/hooks/sample`,
    port,
    listener,
    recorder,
    taken,
    records,
    [Symbol.asyncDispose]: () => listener[Symbol.asyncDispose](),
  };
}

export function post(url: string, body: RequestInit['body'], headers: Readonly<Record<string, string>> = {}) {
  return fetch(url, {
    method: 'POST',
    body: body ?? null,
    headers: { 'content-type': 'application/json', ...headers },
  });
}
