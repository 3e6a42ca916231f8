import type { Endpoint } from '../core/http.ts';
import type { Headers } from '../core/record.ts';

/** What a request may override, and what it may not. */
export interface FixedHeaders {
  readonly defaults: Headers;
  /** The endpoint's own headers and its unchanging credentials, in clear: for the wire only. */
  readonly settings: Headers;
}

export function fixedHeaders({ auth, headers }: Endpoint): FixedHeaders {
  const settings: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) settings[name.toLowerCase()] = value.reveal();
  if (auth.kind === 'bearer') settings['authorization'] = `Bearer ${auth.token.reveal()}`;
  if (auth.kind === 'basic') {
    const pair = Buffer.from(`${auth.username}:${auth.password.reveal()}`).toString('base64');
    settings['authorization'] = `Basic ${pair}`;
  }
  return { defaults: { 'user-agent': 'feedferry', 'accept-encoding': 'identity' }, settings };
}
