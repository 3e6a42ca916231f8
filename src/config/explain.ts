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
  return { at: pointAt(node), code, message: issue.message, ...(typeof hint === 'string' ? { hint } : {}) };
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
    hint: didYouMean(key, known) ?? (known.length > 0 ? `Known here: ${enumerate(known)}.` : undefined),
  }));
}

function missingKey(node: ConfigNode, path: Path, key: string, issue: Issue): Problem {
  return {
    at: node.at,
    code: 'CONFIG_MISSING_KEY',
    message: `${placeName(path)} lacks "${key}".`,
    hint: `Add it: ${withoutStop(issue.message)}.`,
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
  const at = pointAt(node);
  const place = placeName(path);
  const hint = asSentence(issue.message);
  if (node.kind === 'scalar' && node.value === null) {
    return {
      at,
      code: 'CONFIG_INVALID',
      message: `${place} is empty.`,
      hint: `Give it a value or remove it: ${withoutStop(issue.message)}.`,
    };
  }
  if (node.kind === 'scalar' && node.value instanceof Secret && issue.code.startsWith('invalid_')) {
    return { at, code: 'CONFIG_INVALID', message: `${place} does not accept what ${node.value.origin} gives.`, hint };
  }
  if (issue.code === 'invalid_type' || issue.code === 'invalid_union') {
    return { at, code: 'CONFIG_INVALID', message: `${place} is ${kindOf(node)}.`, hint };
  }
  // Only values that have to be one of a few words are repeated: no secret is among them.
  if (issue.code === 'invalid_value' && node.kind === 'scalar' && typeof node.value === 'string') {
    const suggestion = didYouMean(node.value, issue.values.map(String));
    const message = `${place} cannot be "${node.value}".`;
    return { at, code: 'CONFIG_INVALID', message, hint: suggestion === undefined ? hint : `${suggestion} ${hint}` };
  }
  return { at, code: 'CONFIG_INVALID', message: `${place} has a value that is not accepted.`, hint };
}

function asSentence(words: string): string {
  return `${words.charAt(0).toUpperCase()}${withoutStop(words.slice(1))}.`;
}

function withoutStop(words: string): string {
  return words.replace(/\.$/, '');
}
