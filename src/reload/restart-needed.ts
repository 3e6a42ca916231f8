import type { Configuration } from '../config/configuration.ts';
import type { Finding } from '../core/finding.ts';

function stateOf({ state: { position: _, ...state } }: Configuration): string {
  return JSON.stringify(state);
}

/** A token is compared by its value, which goes nowhere. */
function listenOf({ listen: { health, admin, hooks, requests } }: Configuration): string {
  const { cert, key, clientCa } = hooks?.tls ?? {};
  const secrets = [admin.token, requests?.token, cert, key, clientCa].map((secret) => secret?.reveal() ?? null);
  return JSON.stringify([health, admin.host, admin.port, hooks ?? null, requests ?? null, secrets]);
}

/** What has changed of what a running bridge cannot change. */
export function findRestartNeeded(present: Configuration, next: Configuration): readonly Finding[] {
  const finding = (section: 'state' | 'listen' | 'publicUrl', position: string | undefined): Finding => ({
    severity: 'error',
    subject: position ?? next.file,
    code: 'CONFIG_NEEDS_RESTART',
    message: `${section} has changed, and cannot while the bridge runs.`,
    hint: `Restart the bridge, or take the change of ${section} back and reload. Nothing was applied.`,
  });
  return [
    ...(stateOf(present) === stateOf(next) ? [] : [finding('state', next.state.position)]),
    ...(listenOf(present) === listenOf(next) ? [] : [finding('listen', next.listenPosition)]),
    ...(present.publicUrl === next.publicUrl ? [] : [finding('publicUrl', undefined)]),
  ];
}
