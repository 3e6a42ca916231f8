import { join } from 'node:path';
import {
  type ContentsOptions,
  type SimulatedContents,
  startContents,
} from '../../../connectors/async-session/simulator/contents.ts';
import { type HookedBridge, startHookedBridge } from '../hooks/hooked-bridge.ts';
import { createWorkplace } from '../workplace.ts';

export const sessionToken = 'the-token-of-webhooks';

/** An entry of `data.content`. */
export interface ContentEntry {
  readonly name: string;
  readonly mediatype: string;
  readonly length: number;
  readonly sha256: string;
  readonly ref?: string;
  readonly data?: unknown;
  readonly data_base64?: string;
}

export interface SessionEvent {
  readonly type: string;
  readonly subject: string;
  readonly data: { readonly record: object; readonly content: readonly ContentEntry[] };
}

export interface SessionBridge extends AsyncDisposable {
  readonly bridge: HookedBridge;
  readonly contents: SimulatedContents;
  /** Where the store is. */
  readonly dir: string;
  /** Sends a webhook, or several as an array; gives the status of the answer. */
  tell(body: object): Promise<number>;
  events(): Promise<readonly SessionEvent[]>;
  /** Where a reference leads. */
  fileOf(ref: string): string;
}

/** The file of a reference, in a store with the usual `refs`. */
export function claimFile(dir: string, ref: string): string {
  const name = ref.replace(/^claims\//, '');
  return join(dir, name.slice(0, 2), name);
}

/** A bridge that fetches what sessions have made from a simulated upstream. */
export async function startSessionBridge(
  options: ContentsOptions = {},
  download: Readonly<Record<string, unknown>> = {},
): Promise<SessionBridge> {
  await using resources = new AsyncDisposableStack();
  const contents = resources.use(await startContents(options));
  const dir = join(resources.use(await createWorkplace()).path, 'claims');
  const bridge = resources.use(
    await startHookedBridge({
      pipelines: {
        sessions: {
          from: {
            connector: 'async-session',
            account: 'acme',
            path: '/hooks/sessions',
            verify: { bearer: [sessionToken] },
            download: { baseUrl: contents.url, store: { dir }, ...download },
          },
          to: { broker: 'out', topic: 'sessions' },
        },
      },
    }),
  );
  const owned = resources.move();
  return {
    bridge,
    contents,
    dir,
    async tell(body) {
      const headers = { 'content-type': 'application/json', authorization: `Bearer ${sessionToken}` };
      const sent = { method: 'POST', headers, body: JSON.stringify(body) };
      return (await fetch(bridge.url('/hooks/sessions'), sent)).status;
    },
    events: async () => (await bridge.stored('sessions')).map(({ event }) => event as unknown as SessionEvent),
    fileOf: (ref) => claimFile(dir, ref),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
