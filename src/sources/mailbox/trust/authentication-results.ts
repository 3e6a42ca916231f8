import { excerpt } from '../../../kit/excerpt.ts';
import { type HeaderField, withoutComments } from '../header-fields.ts';

/** An authserv-id, perhaps quoted, and a version behind it. */
const written = /^\s*(?:"([^"]*)"|([^\s;"]+))(?:\s+\d+)?\s*$/;

/** The first part of an Authentication-Results field; undefined: it has none. */
function authservIdOf(part: string): string | undefined {
  const found = written.exec(part);
  return (found?.[1] ?? found?.[2])?.toLowerCase();
}

/** At semicolons, but for those in quotes. */
function split(value: string): readonly string[] {
  const parts = [''];
  let quoted = false;
  for (let at = 0; at < value.length; at++) {
    const character = value.charAt(at);
    if (character === '"') quoted = !quoted;
    if (character === ';' && !quoted) {
      parts.push('');
      continue;
    }
    const escaped = quoted && character === '\\' ? value.charAt(++at) : '';
    parts[parts.length - 1] += character + escaped;
  }
  return parts;
}

/** The domain that has signed, where one result says that its signature is good. */
function passedDomain(result: string): string | undefined {
  const [method = '', ...properties] = result.trim().split(/\s(?=[\w.]+\s*=)/);
  if (!/^dkim(\s*\/\s*\d+)?\s*=\s*pass$/i.test(method.trim())) return undefined;
  for (const property of properties) {
    const [name, value] = /^header\.(d|i)\s*=\s*"?([^\s"]*)"?\s*$/i.exec(property)?.slice(1) ?? [];
    if (name?.toLowerCase() === 'd') return value?.toLowerCase();
  }
  const agent = properties.map((property) => /^header\.i\s*=\s*"?[^\s"@]*@([^\s"@]+)"?\s*$/i.exec(property)?.[1]);
  return agent.find((domain) => domain !== undefined)?.toLowerCase();
}

/** A signature with `l=` covers the beginning of a mail: whoever has one can write something below it. */
function signsTheBeginning(fields: readonly HeaderField[], domain: string): boolean {
  return fields.some(({ name, value }) => {
    if (name !== 'dkim-signature') return false;
    const tags = value.replaceAll(/\s/g, '').toLowerCase().split(';');
    return tags.includes(`d=${domain}`) && tags.some((tag) => tag.startsWith('l='));
  });
}

/**
 * Undefined where the mail server `authservId` has found a good signature of one of these domains; else what is missing.
 * Only the topmost Authentication-Results of that name counts: whoever wrote the mail can have put in others below it.
 */
export function dkimPassed(
  fields: readonly HeaderField[],
  authservId: string,
  domains: readonly string[],
): string | undefined {
  const own = fields
    .filter(({ name }) => name === 'authentication-results')
    .map(({ value }) => split(withoutComments(value)))
    .find(([first = '']) => authservIdOf(first) === authservId.toLowerCase());
  if (own === undefined) return `${authservId} has said nothing about its signature`;
  const wanted = domains.map((domain) => domain.toLowerCase());
  const signed = own
    .slice(1)
    .map(passedDomain)
    .filter((domain) => domain !== undefined);
  const found = signed.filter((domain) => wanted.includes(domain));
  if (found.length === 0) {
    const others = signed.length === 0 ? 'no good signature' : `good signatures of ${excerpt(signed.join(', '))} alone`;
    return `${authservId} has found ${others}, and none of ${wanted.join(', ')}`;
  }
  if (found.every((domain) => signsTheBeginning(fields, domain))) {
    return `the signature of ${found.join(', ')} covers the beginning of the mail alone (l=)`;
  }
  return undefined;
}
