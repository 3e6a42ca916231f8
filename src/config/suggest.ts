import { closestMatch } from 'leven';

/** `Did you mean "topic"?`, when one of the candidates is near enough. */
export function didYouMean(word: string, candidates: Iterable<string>): string | undefined {
  const all = [...candidates];
  const sameLetters = all.find((candidate) => candidate.toLowerCase() === word.toLowerCase());
  const nearest = sameLetters ?? closestMatch(word, all, { maxDistance: Math.max(1, Math.floor(word.length / 3)) });
  const meant = nearest ?? onlyEnding(word, all);
  return meant === undefined ? undefined : `Did you mean "${meant}"?`;
}

/** `path` is the end of `secretPath`. */
function onlyEnding(word: string, candidates: readonly string[]): string | undefined {
  const end = word.toLowerCase();
  const ending = word.length < 4 ? [] : candidates.filter((candidate) => candidate.toLowerCase().endsWith(end));
  return ending.length === 1 ? ending[0] : undefined;
}

/** `"a", "b" and "c"`, shortened when there are very many. */
export function enumerate(words: Iterable<string>, conjunction = 'and'): string {
  const all = [...words].map((word) => JSON.stringify(word));
  if (all.length > 20) return `${all.slice(0, 20).join(', ')} …`;
  return all.length < 2 ? all.join('') : `${all.slice(0, -1).join(', ')} ${conjunction} ${all.at(-1)}`;
}

/** `"a"`, or `one of "a", "b" or "c"`. */
export function oneOf(words: Iterable<string>): string {
  const all = [...words];
  return `${all.length > 1 ? 'one of ' : ''}${enumerate(all, 'or')}`;
}
