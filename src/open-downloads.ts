import type { OpenClaims } from './core/claims.ts';
import type { FeedDefinition } from './core/connector.ts';
import type { ContentClient, Endpoint } from './core/http.ts';
import type { Step } from './core/step.ts';
import { downloadStep } from './pipeline/download.ts';

/**
 * The steps of a feed: its own, and after them that which fetches what its events speak of. Rejects where the store
 * cannot be opened.
 */
export async function openSteps(
  { steps, downloads }: Pick<FeedDefinition, 'steps' | 'downloads'>,
  clientFor: (endpoint: Endpoint) => ContentClient,
  openClaims: OpenClaims,
): Promise<readonly Step[]> {
  if (downloads === undefined) return steps;
  const store = await openClaims(downloads.store);
  return [...steps, downloadStep(downloads, { client: clientFor(downloads.endpoint), store })];
}
