import type { z } from 'zod';
import { type ErrorCode, errorCatalogue } from '../core/errors.ts';
import { Secret } from '../core/secret.ts';
import { type ConfigNode, childOf, kindOf, locate, type Path, pointAt } from './node.ts';
import { type Problem, placeName } from './problem.ts';
import { didYouMean, enumerate } from './suggest.ts';
import { bestBranch } from './union.ts';

type Issue = z.core.$ZodIssue;

/** What a schema found at one node of the file. */
export interface Judged {
  readonly node: ConfigNode;
  /** Where the node stands in the file. */
  readonly path: Path;
  /** The keys known to the mapping in which unknown ones were found. */
  readonly knownKeys: (mapping: unknown) => Iterable<string>;
}

/** Says in plain words what a schema found, and points at the very key or value. */
export function explain(issue: Issue, judged: Judged): readonly Problem[] {
  if (issue.code === 'invalid_union' && issue.errors.length > 0) {
    const branch = bestBranch(issue.errors);
    const inside = branch?.flatMap((inner) => explain({ ...inner, path: [...issue.path, ...inner.path] }, judged));
    if (inside !== undefined) return inside;
  }
  const { node, lacks, depth } = locate(judged.node, issue.path);
  const path = [...judged.path, ...issue.path.slice(0, depth)];
  if (node.kind === 'scalar' && node.refused) return [];
  if (issue.code === 'custom' && isCode(issue.params?.['code'])) return [catalogued(issue.params['code'], node, issue)];
  if (issue.code === 'unrecognized_keys') return unknownKeys(issue, node, path, judged);
  if (lacks !== undefined) return [missingKey(node, path, String(lacks), issue)];
  if (issue.code === 'invalid_key') return [badKey(node, issue)];
  return [badValue(node, path, issue)];
}

function isCode(code: unknown): code is ErrorCode {
  return typeof code === 'string' && Object.hasOwn(errorCatalogue, code);
}

/** A schema that names a catalogue code has found all the words itself. */
function catalogued(code: ErrorCode, node: ConfigNode, issue: z.core.$ZodIssueCustom): Problem {
  const hint: unknown = issue.params?.['hint'];
  return { at: pointAt(node), code, message: issue.message, hint: typeof hint === 'string' ? hint : undefined };
}

function unknownKeys(
  issue: z.core.$ZodIssueUnrecognizedKeys,
  node: ConfigNode,
  path: Path,
  judged: Judged,
): readonly Problem[] {
  const known = [...judged.knownKeys(issue.input)];
  return issue.keys.map((key) => ({
    at: childOf(node, key)?.key ?? node.at,
    code: 'CONFIG_UNKNOWN_KEY',
    message: `${placeName(path)} has no setting "${key}".`,
    hint: didYouMean(key, known) ?? `Known here: ${enumerate(known)}.`,
  }));
}

function missingKey(node: ConfigNode, path: Path, key: string, issue: Issue): Problem {
  return {
    at: node.at,
    code: 'CONFIG_MISSING_KEY',
    message: `${placeName(path)} lacks "${key}".`,
    hint: `Add it. ${asSentence(issue.message)}`,
  };
}

function badKey(node: ConfigNode, issue: z.core.$ZodIssueInvalidKey): Problem {
  const key = String(issue.path.at(-1));
  const why = issue.issues[0]?.message ?? issue.message;
  return {
    at: node.key ?? node.at,
    code: 'CONFIG_INVALID',
    message: `The name "${key}" is not accepted.`,
    hint: asSentence(why),
  };
}

function badValue(node: ConfigNode, path: Path, issue: Issue): Problem {
  const place = placeName(path);
  const hint = asSentence(issue.message);
  const problem = (message: string, advice: string): Problem => {
    return { at: pointAt(node), code: 'CONFIG_INVALID', message, hint: advice };
  };
  const isOfOtherKind = issue.code === 'invalid_type' || issue.code === 'invalid_union';
  if (node.kind !== 'scalar') {
    return problem(isOfOtherKind ? `${place} is ${kindOf(node)}.` : `${place} is not accepted as it is.`, hint);
  }
  if (node.value === null) return problem(`${place} is empty.`, `Give it a value, or remove it. ${hint}`);
  if (issue.code === 'invalid_type' && issue.expected === 'array') {
    return problem(`${place} is ${kindOf(node)}.`, `${hint} ${inBrackets(node.value)}`);
  }
  if (node.value instanceof Secret) {
    return isOfOtherKind || issue.code === 'invalid_value'
      ? problem(`${place} cannot come from a reference.`, `Write the value itself. ${hint}`)
      : problem(`${place} does not accept what ${node.value.origin} gives.`, hint);
  }
  const choices = choicesOf(issue);
  // Only a value that has to be one of a few is repeated: no secret is among them.
  if (choices.some((choice) => typeof choice === typeof node.value)) {
    const suggestion = typeof node.value === 'string' ? didYouMean(node.value, choices.map(String)) : undefined;
    const advice = suggestion === undefined ? hint : `${suggestion} ${hint}`;
    return problem(`${place} cannot be ${JSON.stringify(node.value)}.`, advice);
  }
  if (isOfOtherKind || choices.length > 0) return problem(`${place} is ${kindOf(node)}.`, hint);
  return problem(`${place} has a value that is not accepted.`, hint);
}

/** A value that may be a secret is not repeated. */
function inBrackets(value: unknown): string {
  return value instanceof Secret && value.origin !== undefined
    ? `Put it in brackets: ["${value.origin}"], where its entries may be references.`
    : 'Put its entries in brackets: [one, other].';
}

/** What an enum, a literal or the deciding key of a discriminated union accepts. */
function choicesOf(issue: Issue): readonly unknown[] {
  const choices: unknown = issue.code === 'invalid_value' ? issue.values : 'options' in issue ? issue.options : [];
  return Array.isArray(choices) ? choices : [];
}

function asSentence(words: string): string {
  return `${words.charAt(0).toUpperCase()}${words.slice(1).replace(/\.$/, '')}.`;
}
