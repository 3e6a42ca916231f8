import { z } from 'zod';
import { outcomeSettings } from './event-fields.ts';
import { type Expression, expression } from './expression.ts';

const digest = z
  .strictObject({ digest: z.literal('body') })
  .describe('A digest of the content: the same content again is a repeat.');

/** Where the fields of an event are, for connectors that leave it to their user. */
export const eventFields = z.strictObject({
  id: z
    .union([expression(), digest], 'expected a JSON Pointer such as /body/id, JSONata, or { digest: body }')
    .describe(
      'Names the event, the same when it is sent again; what gives none is a dead letter. Or { digest: body }.',
    ),
  type: expression().describe('What has happened.'),
  subject: expression().optional().describe('What it is about.'),
  time: expression().optional().describe('When it happened, an RFC 3339 timestamp.'),
  partitionkey: expression().optional().describe('What stays in order. Where it finds nothing: the source.'),
  correlationid: expression().optional().describe('What it belongs to.'),
  causationid: expression().optional().describe('What has caused it.'),
  dataschema: expression().optional().describe('URI of the schema of its data.'),
  outcome: outcomeSettings.optional().describe('Conditions that tell a failed job, or one not at its end.'),
});

export type EventSettings = z.output<typeof eventFields>;

/** Every expression in the settings. */
export function expressionsOf({ outcome, id, ...others }: EventSettings): readonly Expression[] {
  const all = ['digest' in id ? undefined : id, outcome?.error, outcome?.pending, ...Object.values(others)];
  return all.filter((one) => one !== undefined);
}
