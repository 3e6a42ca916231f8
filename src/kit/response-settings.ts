import { z } from 'zod';
import type { ResponseRule } from '../core/response-policy.ts';
import { pointerSetting } from './job-settings.ts';
import { compileXPath } from './xml/xpath.ts';

const status = z
  .union(
    [z.int().min(100).max(599).transform(String), z.string().regex(/^[1-5]xx$/)],
    'expected a status such as 200 or 5xx',
  )
  .describe('A status, or 5xx for all that begin so.');

const value = z.union([z.string().min(1), z.number().transform(String), z.boolean().transform(String)]);
const values = z.union([value.transform((one) => [one]), z.array(value).min(1)]);

const xpath = z.string().superRefine((text, context) => {
  const compiled = compileXPath(text);
  if ('problem' in compiled) context.addIssue({ code: 'custom', message: compiled.problem });
});

function isRegExp(text: string): boolean {
  try {
    new RegExp(text, 'u');
    return true;
  } catch {
    return false;
  }
}

const when = z
  .strictObject({
    status: z
      .union([status.transform((one) => [one]), z.array(status).min(1)])
      .optional()
      .describe('Its status, such as 200 or 5xx; or a list of them.'),
    headers: z
      .record(z.string().regex(/^[!#$%&'*+.^_`|~0-9a-z-]+$/, 'expected a header name in lower case'), z.string().min(1))
      .optional()
      .describe('Headers and what they are, with * for any text.'),
    has: pointerSetting.optional().describe('A JSON Pointer at which there is something, and not null.'),
    json: z
      .record(pointerSetting as unknown as z.ZodString, values)
      .optional()
      .describe('JSON Pointers and what is there: a value or a list of them, with * for any text.'),
    xml: z
      .record(xpath, values)
      .optional()
      .describe('XPaths and what they find: a value or a list of them, with * for any text.'),
    contains: z.string().min(1).optional().describe('A text in the first 64 KiB of its body.'),
    matches: z
      .string()
      .min(1)
      .refine(isRegExp, 'expected a regular expression')
      .optional()
      .describe('A regular expression that fits there.'),
  })
  .refine((settings) => Object.values(settings).some((one) => one !== undefined), 'expected at least one condition');

/** Rules for the answers of an upstream, before those that its connector has. */
export const responseSettings = z
  .array(
    z
      .strictObject({
        when: when.describe('What the answer is like: all of what is named.'),
        treat: z
          .enum(['ok', 'empty', 'retry', 'auth', 'rate-limited', 'fatal'])
          .describe('What it means. retry and rate-limited: again, with back-off; fatal: the feed is halted.'),
      })
      .transform((rule): ResponseRule => rule),
  )
  .default([])
  .describe('How answers are judged; the first rule that fits decides, and after them those of the connector.');
