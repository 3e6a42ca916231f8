import { Buffer } from 'node:buffer';
import type { Endpoint, HttpClient } from '../../../../src/core/http.ts';
import type { ProxySettings } from '../../../../src/http/channel.ts';
import { createHttpClient } from '../../../../src/http/client.ts';
import type { TelemetryEvent } from '../../../../src/telemetry/events.ts';

export interface ClientOptions extends Partial<Omit<Endpoint, 'baseUrl'>> {
  readonly proxy?: ProxySettings;
}

export interface TestClient extends HttpClient {
  readonly events: readonly TelemetryEvent[];
}

export function clientFor(baseUrl: string, { proxy = {}, ...rest }: ClientOptions = {}): TestClient {
  const events: TelemetryEvent[] = [];
  const endpoint: Endpoint = {
    baseUrl,
    auth: { kind: 'none' },
    headers: {},
    tls: {},
    timeouts: { connect: 5_000, headers: 10_000, body: 10_000 },
    maxResponseBytes: 1024 * 1024,
    ...rest,
  };
  const client = createHttpClient(endpoint, { proxy, subject: 'test/feed', report: (event) => events.push(event) });
  return { ...client, events };
}

/** A signal that nobody aborts. */
export function calm(): AbortSignal {
  return new AbortController().signal;
}

export function textOf(body: Uint8Array): string {
  return Buffer.from(body).toString();
}
