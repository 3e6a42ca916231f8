/** What CloudEvents forbids in a string: control characters, lone surrogates, noncharacters. */
const forbidden = /[\p{Cc}\p{Cs}\p{Noncharacter_Code_Point}]/u;

/** Most texts are of these, and told much quicker. */
const harmless = /^[\x20-\x7e]+$/;

/** The value where it can stand in an attribute; undefined where it is absent, empty, no text, or not legal there. */
export function attributeText(value: unknown): string | undefined {
  if (typeof value !== 'string' || value === '') return undefined;
  return harmless.test(value) || !forbidden.test(value) ? value : undefined;
}
