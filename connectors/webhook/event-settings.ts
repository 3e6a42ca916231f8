import { z } from 'zod';
import { outcomeSettings } from '../../src/kit/event-fields.ts';
import { type Expression, expression } from '../../src/kit/expression.ts';

const digest = z
  .strictObject({ digest: z.literal('body') })
  .describe('A digest of the content: the same content again is a repeat.');

const fields = z.strictObject({
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

export type EventSettings = z.output<typeof fields>;

/** Every expression in the settings. */
export function expressionsOf({ outcome, id, ...others }: EventSettings): readonly Expression[] {
  const all = ['digest' in id ? undefined : id, outcome?.error, outcome?.pending, ...Object.values(others)];
  return all.filter((one) => one !== undefined);
}

/** Would be published, and kept, with every event. */
const credentials = /^(?:(?:proxy-)?authorization|(?:set-)?cookie|.*(?:signature|secret|token|api-?key).*)$/;

function complaintOf(header: string): string | undefined {
  if (header === '*') return 'name the header, as in headers."x-request-id": only what is named is kept';
  if (header !== header.toLowerCase()) return `names of headers are in lower case here: ${header.toLowerCase()}`;
  return credentials.test(header) ? `${header} is a credential, which is kept nowhere` : undefined;
}

export const eventSettings = fields.superRefine((settings, context) => {
  for (const { reads, text } of expressionsOf(settings)) {
    const complaint = reads('headers').map(complaintOf).find(Boolean);
    if (complaint !== undefined) context.addIssue({ code: 'custom', message: `${text}: ${complaint}` });
    if (!reads('query').includes('*')) continue;
    const message = `${text}: name the parameter, as in query.account: only what is named is kept`;
    context.addIssue({ code: 'custom', message });
  }
});
