import type { DeclaredPipeline } from './pipelines.ts';
import type { Refuse } from './problem.ts';

/** Says of pipelines that register themselves what they lack for it. */
export function refuseRegistrations(
  pipelines: readonly DeclaredPipeline[],
  publicUrl: string | undefined,
  refuse: Refuse,
): void {
  for (const { name, at, upstream } of pipelines) {
    for (const { arrival } of upstream?.feeds ?? []) {
      if (arrival.kind !== 'webhook' || arrival.registration === undefined) continue;
      const { create, update, secret } = arrival.registration;
      if (publicUrl === undefined) {
        refuse({
          at,
          code: 'CONFIG_MISSING_KEY',
          message: `${name} registers itself, but publicUrl is not set: its upstream could not be told where to send.`,
          hint: 'Add it at the top of the file, such as publicUrl: https://hooks.example.com.',
        });
      }
      if (secret === undefined && JSON.stringify([create, update]).includes('{secret}')) {
        refuse({
          at,
          code: 'CONFIG_INVALID',
          message: `${name} registers itself with {secret}, but has none.`,
          hint: 'Set register.secret, or a key under verify.',
        });
      }
    }
  }
}
