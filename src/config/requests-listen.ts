import { z } from 'zod';
import type { ErrorCode } from '../core/errors.ts';
import { byteSize, secret } from '../kit/scalars.ts';
import type { RequestsListen } from './configuration.ts';
import { isLoopback, listenAddress } from './listen-address.ts';
import { type ConfigNode, pointAt } from './node.ts';
import type { DeclaredPipeline } from './pipelines.ts';
import type { Refuse } from './problem.ts';

const mapping = z.strictObject({
  address: listenAddress().describe('host:port'),
  token: secret().optional().describe('Every request has to bring it as a bearer token. Not needed on loopback.'),
  maxRequests: z.int().min(1).max(10_000).default(100).describe('Most requests in flight; more are answered 503.'),
  maxBytes: byteSize().prefault('16MiB').describe('Most bytes of bodies in flight; more are answered 503.'),
  maxBody: byteSize().prefault('1MiB').describe('Largest body of a request.'),
});

function toRequestsListen({ address, maxBody, token, ...rest }: z.output<typeof mapping>): RequestsListen {
  return { ...address, ...rest, token, maxBodyBytes: maxBody };
}

const unsafe: ErrorCode = 'CONFIG_UNSAFE';

/** `host:port`, or a mapping. */
export const requestsListen = z
  .union([
    listenAddress().transform((address) =>
      toRequestsListen({ ...mapping.omit({ address: true }).parse({}), address, token: undefined }),
    ),
    mapping.transform(toRequestsListen),
  ])
  .refine(({ host, token }) => token !== undefined || isLoopback(host), {
    message:
      'Whoever reaches the listener for requests acts at the upstream as the bridge does: open to the network it needs a token.',
    params: {
      code: unsafe,
      hint: 'Use 127.0.0.1, or write { address: "0.0.0.0:8081", token: "${file:/run/secrets/requests}" }.',
    },
  });

/** Says of pipelines that take requests what they lack for it. */
export function refuseRequests(
  pipelines: readonly DeclaredPipeline[],
  listen: ConfigNode | undefined,
  frame: {
    readonly listen: { readonly requests?: RequestsListen | undefined };
    readonly publicUrl?: string | undefined;
  },
  refuse: Refuse,
): void {
  for (const { name, at, upstream } of pipelines) {
    for (const { jobs } of upstream?.feeds ?? []) {
      if (jobs?.requests === undefined) continue;
      if (frame.listen.requests === undefined) {
        refuse({
          at: listen === undefined ? at : pointAt(listen),
          code: 'CONFIG_INVALID',
          message: `${name} takes requests, but listen.requests is not set: nobody could send any.`,
          hint: 'Write for example listen: { requests: "127.0.0.1:8081" }.',
        });
      }
      if (jobs.requests.callsBack && frame.publicUrl === undefined) {
        refuse({
          at,
          code: 'CONFIG_MISSING_KEY',
          message: `${name} takes requests, but publicUrl is not set: its upstream could not be told where to call.`,
          hint: 'Add it at the top of the file, such as publicUrl: https://hooks.example.com.',
        });
      }
    }
  }
}
