/** What a broker does while feeds publish. Every sink has an answer to each. */
export const outageScenarios = [
  'killed and restarted',
  'frozen',
  'confirms withheld, released late',
  'refused for now (nack)',
  'nothing bound',
  'destination deleted and created again',
  'memory alarm',
  'poison neighbour',
  'part of each batch refused',
  'throttled',
  '5xx answers',
  'credentials refused in mid-run',
  'leaders moved',
] as const;

export type OutageScenario = (typeof outageScenarios)[number];
