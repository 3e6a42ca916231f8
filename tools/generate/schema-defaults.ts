import type { JsonSchema } from '../../src/config/json-schema.ts';

/** A setting that may be left out. */
export interface SettingDefault {
  /** `timeouts.connect` */
  readonly setting: string;
  /** As one would write it. */
  readonly value: string;
  readonly meaning: string;
}

/** Every default in a schema, in the schema's order; a mapping whose settings have defaults of their own is left out. */
export function schemaDefaults(schema: JsonSchema, prefix = ''): readonly SettingDefault[] {
  return Object.entries(schema.properties ?? {}).flatMap(([key, part]) => {
    if (typeof part !== 'object') return [];
    const setting = `${prefix}${key}`;
    const inner = schemaDefaults(part, `${setting}.`);
    if (inner.length > 0 || part.default === undefined) return inner;
    return [{ setting, value: written(part.default), meaning: part.description ?? '' }];
  });
}

/** In YAML's short form. */
function written(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(written).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return String(value);
  const members = Object.entries(value).map(([key, member]) => `${key}: ${written(member)}`);
  return members.length === 0 ? 'none' : `{ ${members.join(', ')} }`;
}
