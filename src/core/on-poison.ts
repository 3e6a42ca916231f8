/** What becomes of an event that a destination refuses for good, and of what follows it with its key. */
export const onPoisonChoices = ['dead-letter', 'park-key', 'stop'] as const;
export type OnPoison = (typeof onPoisonChoices)[number];
