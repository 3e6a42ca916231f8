import type { TopicSettings } from './client.ts';

/** The settings that are asked for, by Kafka's names. */
export const settingNames = [
  'min.insync.replicas',
  'max.message.bytes',
  'unclean.leader.election.enable',
  'cleanup.policy',
] as const;

/** `values`: as the broker gives them, by name. What it does not give is left open. */
export function readSettings(values: ReadonlyMap<string, string | null | undefined>): TopicSettings {
  const given = (name: (typeof settingNames)[number]) => values.get(name) ?? undefined;
  const number = (text: string | undefined) => (text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined);
  const cleanup = given('cleanup.policy')
    ?.split(',')
    .map((policy) => policy.trim());
  const unclean = given('unclean.leader.election.enable');
  return {
    minInsyncReplicas: number(given('min.insync.replicas')),
    maxMessageBytes: number(given('max.message.bytes')),
    uncleanLeaderElection: unclean === undefined ? undefined : unclean === 'true',
    compacted: cleanup?.includes('compact'),
    deletes: cleanup?.includes('delete'),
  };
}
