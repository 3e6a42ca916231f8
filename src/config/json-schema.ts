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
  return z.toJSONSchema(wholeSchema(connectors, sinkTypes).meta({ title: 'feedferry configuration' }), {
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

/** A default that is given as the schema's output (milliseconds, bytes) is shown as one writes it. */
function restoreDefault(json: JsonSchema, value: unknown): void {
  if (typeof value !== 'number' || json.type !== 'string') return;
  if (json.pattern === durationPattern.source) json.default = writeDuration(value);
  if (json.pattern === byteSizePattern.source) json.default = writeByteSize(value);
}
