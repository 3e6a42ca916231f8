import type { WebhookArrival } from '../core/connector.ts';
import type { Verification } from '../core/verification.ts';

function secretSegment(verification: Verification): string | undefined {
  if (verification.kind === 'all') return verification.of.map(secretSegment).find((found) => found !== undefined);
  return verification.kind === 'path' ? verification.secrets[0]?.reveal() : undefined;
}

/** What a sender is told to call: a secret, where the path ends with one. */
export function callbackUrl(publicUrl: string, { path, verification }: WebhookArrival): string {
  const segment = secretSegment(verification);
  return `${publicUrl}${path}${segment === undefined ? '' : `/${segment}`}`;
}

/** The same for people, who are not shown the secret. */
export function shownUrl(publicUrl: string, { path, verification }: WebhookArrival): string {
  return `${publicUrl}${path}${secretSegment(verification) === undefined ? '' : '/[secret]'}`;
}
