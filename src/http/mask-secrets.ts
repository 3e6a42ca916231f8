import type { Endpoint, HttpResponse } from '../core/http.ts';
import { fixedHeaders } from './fixed-headers.ts';

/** A shorter secret is none, and would blot out innocent text. */
const shortest = 4;
const mask = '[secret]';

/** Takes secrets out of an answer that people may get to read. */
export type Mask = (response: HttpResponse) => HttpResponse;

/** All that an endpoint sends or keeps to prove who it is. Access tokens come on top. */
export function secretsOf(endpoint: Endpoint): readonly string[] {
  const { auth, headers } = endpoint;
  const sent = Object.values(fixedHeaders(endpoint).settings).flatMap((value) => [value, withoutScheme(value)]);
  const kept = Object.values(headers).map((value) => value.reveal());
  if (auth.kind === 'basic') kept.push(auth.password.reveal());
  if (auth.kind === 'oauth2') kept.push(auth.clientSecret.reveal());
  return [...sent, ...kept];
}

export function withoutScheme(credentials: string): string {
  return credentials.replace(/^(?:basic|bearer) +/i, '');
}

/** However the answer spells them: as they are, or as JSON, HTML, URLs and forms do. All other bytes stay as they came. */
export function createMask(secrets: Iterable<string>): Mask {
  // The longest first, so that no part of one is left over when another one is the beginning of it.
  const known = [...new Set(secrets)].filter((secret) => secret.length >= shortest);
  if (known.length === 0) return (response) => response;
  const patterns = known.sort((one, other) => other.length - one.length).map(patternOf);
  const echo = new RegExp(patterns.join('|'), 'gi');
  return (response) => {
    // One character for each byte, so that what is no text at all survives.
    const text = Buffer.from(response.body).toString('latin1');
    const masked = text.replace(echo, mask);
    return masked === text ? response : { ...response, body: Buffer.from(masked, 'latin1') };
  };
}

/**
 * Whether its body is for people: an answer that is no success, or a web page in place of data. Data is never touched,
 * and never quoted.
 */
export function isForPeople({ status, headers }: HttpResponse): boolean {
  return status < 200 || status >= 300 || /^text\/html\b/i.test(headers['content-type'] ?? '');
}

function patternOf(secret: string): string {
  return Array.from(secret, spellings).join('');
}

const entities: Readonly<Record<string, string>> = { '&': 'amp', '<': 'lt', '>': 'gt', '"': 'quot', "'": 'apos' };

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, '0');
}

/** A pattern for all the ways to write one character, also one inside of the other: JSON in HTML, URLs in JSON. */
function spellings(character: string): string {
  if (/[A-Za-z0-9]/.test(character)) return character;
  const bytes = Buffer.from(character);
  const code = character.codePointAt(0) ?? 0;
  const name = entities[character];
  const units = Array.from({ length: character.length }, (_, at) => hex(character.charCodeAt(at), 4));
  const ways = [
    RegExp.escape(bytes.toString('latin1')),
    units.map((unit) => `u${unit}`).join(String.raw`\\+`),
    Array.from(bytes, (byte) => `%(?:25)*${hex(byte, 2)}`).join(''),
    `&(?:amp;)*#(?:${code}|x0*${hex(code, 1)});`,
    ...(name === undefined ? [] : [`&(?:amp;)*${name};`]),
    ...(code >= 0x80 && code < 0x100 ? [RegExp.escape(character)] : []),
    ...(character === ' ' ? [String.raw`\+`] : []),
  ];
  return String.raw`\\{0,7}(?:${ways.join('|')})`;
}
