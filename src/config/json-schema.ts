import { z } from 'zod';
import type { AnyConnector } from '../core/connector.ts';
import type { AnySinkType } from '../core/sink-type.ts';
import { byteSizePattern, durationPattern, writeByteSize, writeDuration } from '../kit/scalars.ts';
import { wholeSchema } from './schema.ts';

export type JsonSchema = z.core.JSONSchema.BaseSchema;

/** JSON Schema (draft 7) of the configuration file, for editors and other tools. */
export function configurationJsonSchema(
  connectors: readonly AnyConnector[],
  sinkTypes: readonly AnySinkType[],
): JsonSchema {
  return toJsonSchema(wholeSchema(connectors, sinkTypes).meta({ title: 'feedferry configuration' }));
}

/** JSON Schema of what one writes, not of what it becomes. */
export function toJsonSchema(schema: z.ZodType): JsonSchema {
  return z.toJSONSchema(schema, {
    target: 'draft-7',
    io: 'input',
    // What has no type of its own in JSON Schema says it in its `meta`.
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema }) => {
      const { def } = zodSchema._zod;
      if (def.type === 'default') restoreDefault(jsonSchema, (def as z.core.$ZodDefaultDef).defaultValue);
    },
  });
}

/**
 * A default belongs to the schema's output, and is left out where that may differ from what one writes. Scalars are
 * put back: milliseconds and bytes as one writes them, the others as they are.
 */
function restoreDefault(json: JsonSchema, value: unknown): void {
  if (json.default !== undefined || typeof value === 'object') return;
  const shown = typeof value === 'number' && json.type === 'string' ? asWritten(json.pattern, value) : value;
  const types = [json, ...(json.anyOf ?? [])].map((form) => (typeof form === 'object' ? form.type : undefined));
  if (types.some((type) => type === typeof shown)) json.default = shown;
}

function asWritten(pattern: string | undefined, value: number): string | undefined {
  if (pattern === durationPattern.source) return writeDuration(value);
  return pattern === byteSizePattern.source ? writeByteSize(value) : undefined;
}
