import { z } from 'zod';

/** What the bodies are. `form`: the name of the field that has the event, in JSON. */
export type Content =
  | { readonly kind: 'json' | 'text' | 'xml' | 'binary' | 'cloudevents' }
  | { readonly kind: 'form'; readonly field: string };

const plain = z.enum(['json', 'text', 'xml', 'binary', 'cloudevents']).transform((kind): Content => ({ kind }));

const form = z
  .strictObject({ form: z.string().min(1).max(200).describe('Field of the form that has the event, in JSON.') })
  .transform(({ form }): Content => ({ kind: 'form', field: form }));

export const contentSettings = z
  .union([plain, form], 'expected json, text, xml, binary, cloudevents or { form: FIELD }')
  .prefault('json')
  .describe(
    'What the bodies are: json (an array is several events), cloudevents (in any mode; `event` is left out), text, xml, binary, or { form: FIELD }, whose field has JSON.',
  );
