import { isAbsolute, join } from 'node:path';
import { Secret } from '../core/secret.ts';
import type { ConfigNode, ScalarNode } from './node.ts';
import type { Refuse } from './problem.ts';
import { type Reference, splitReferences } from './references.ts';
import { didYouMean } from './suggest.ts';

/** Where references lead. */
export interface SecretSources {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly readFile: (path: string) => Promise<string>;
  /** Relative paths begin here. */
  readonly baseDir: string;
}

/** What a reference gave: its value, or what to say about it. */
type Found = { readonly value: string } | { readonly message: string; readonly hint: string };

export interface Resolved {
  readonly root: ConfigNode;
  /** Everything that came from a reference. */
  readonly values: ReadonlySet<string>;
}

/** Puts a Secret wherever a text holds a reference. Values are put in as they are: they are never read as YAML. */
export async function resolveSecrets(root: ConfigNode, sources: SecretSources, refuse: Refuse): Promise<Resolved> {
  const values = new Set<string>();
  // One read per reference, so that a secret that is rotated meanwhile is the same everywhere.
  const lookups = new Map<string, Promise<Found>>();
  const lookUp = (reference: Reference): Promise<Found> => {
    const known = lookups.get(reference.written) ?? find(reference, sources);
    lookups.set(reference.written, known);
    return known;
  };

  async function resolve(node: ConfigNode): Promise<ConfigNode> {
    if (node.kind === 'scalar') return resolveScalar(node);
    if (node.kind === 'list') return { ...node, items: await Promise.all(node.items.map(resolve)) };
    const entries = [...node.entries].map(async ([key, child]) => [key, await resolve(child)] as const);
    return { ...node, entries: new Map(await Promise.all(entries)) };
  }

  async function resolveScalar(node: ScalarNode): Promise<ScalarNode> {
    if (typeof node.value !== 'string' || !node.value.includes('${')) return node;
    const parts = splitReferences(node.value);
    if (parts === undefined) {
      const message = 'After "${" there is no reference that is known, or it is not closed.';
      const hint = 'Accepted are ${env:NAME} and ${file:/path}. Write $${ for the two characters themselves.';
      refuse({ at: node.at, code: 'CONFIG_INVALID', message, hint });
      return { ...node, refused: true };
    }
    const origins = parts.flatMap((part) => (typeof part === 'string' ? [] : [part.written]));
    if (origins.length === 0) return { ...node, value: parts.join('') };
    let value = '';
    let complete = true;
    for (const part of parts) {
      const found = typeof part === 'string' ? { value: part } : await lookUp(part);
      if ('value' in found) {
        value += found.value;
        if (typeof part !== 'string') values.add(found.value);
      } else {
        refuse({ at: node.at, code: 'SECRET_MISSING', ...found });
        complete = false;
      }
    }
    return { ...node, value: new Secret(value, origins.join(' ')), refused: !complete };
  }

  return { root: await resolve(root), values };
}

async function find(reference: Reference, sources: SecretSources): Promise<Found> {
  return reference.scheme === 'env' ? findVariable(reference, sources) : await findFile(reference, sources);
}

function findVariable({ name, written }: Reference, { env }: SecretSources): Found {
  const value = Object.hasOwn(env, name) ? env[name] : undefined;
  if (value) return { value };
  const hint = didYouMean(name, Object.keys(env)) ?? `Set the environment variable ${name} for the bridge.`;
  return value === ''
    ? { message: `${written} is empty.`, hint: `Give the environment variable ${name} a value.` }
    : { message: `${written} is not set.`, hint };
}

const readFailures: Readonly<Record<string, string>> = {
  ENOENT: 'no such file',
  EACCES: 'no permission',
  EISDIR: 'it is a folder',
};

async function findFile({ name, written }: Reference, { readFile, baseDir }: SecretSources): Promise<Found> {
  try {
    const content = await readFile(isAbsolute(name) ? name : join(baseDir, name));
    const value = content.replace(/\r?\n$/, '');
    if (value !== '') return { value };
    return { message: `${written} is empty.`, hint: 'Put the secret into the file.' };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown reason';
    const hint = 'Mount the file where the bridge runs, readable for its user.';
    return { message: `${written} cannot be read: ${readFailures[code] ?? code}.`, hint };
  }
}
