/** What CloudEvents forbids in a string: control characters, lone surrogates, noncharacters. */
const forbidden = /[\p{Cc}\p{Cs}\p{Noncharacter_Code_Point}]/u;

/** The value where it can stand in an attribute; undefined where it is absent, empty, no text, or not legal there. */
export function attributeText(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' && !forbidden.test(value) ? value : undefined;
}
