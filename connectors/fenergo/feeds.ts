/** The feeds of the platform; upstream tells their case apart. */
export const feedNames = ['journey', 'entitydata', 'document', 'screening', 'digitalidv', 'association'] as const;

export type FenergoFeed = (typeof feedNames)[number];

export function isFeedName(name: string): name is FenergoFeed {
  return (feedNames as readonly string[]).includes(name);
}
