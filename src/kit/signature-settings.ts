import { z } from 'zod';
import { headerName } from './header-name.ts';
import { httpUrl } from './oauth2-settings.ts';
import { duration, secret } from './scalars.ts';
import { resolveSignature } from './signature-scheme.ts';
import { type PresetName, verificationPresets } from './verification-presets.ts';

const presetNames = Object.keys(verificationPresets) as [PresetName, ...PresetName[]];

const mark = z.string().min(1).max(64);

/** A signature in a header, as a sender's documentation describes it. */
const signatureObject = z.strictObject({
  preset: z
    .enum(presetNames)
    .optional()
    .describe('How a well-known sender signs. Whatever else is set replaces its part.'),
  header: headerName.optional().describe('Where the signature is. Needed without a preset.'),
  algorithm: z
    .enum(['sha1', 'sha256', 'sha512', 'ed25519'])
    .optional()
    .describe('Hash of the HMAC, or ed25519. Default: sha256.'),
  encoding: z.enum(['hex', 'base64', 'base64url']).optional().describe('Of the signature. Default: hex.'),
  prefix: z
    .string()
    .max(64)
    .optional()
    .describe('What stands before the signature, such as "sha256=". Default: nothing.'),
  list: z
    .strictObject({
      separator: mark.optional().describe('Between entries. Default: a comma.'),
      assign: mark.optional().describe('Between name and value of an entry. Default: an equals sign.'),
      name: mark.optional().describe('Of the entries that are signatures. Needed without a preset.'),
    })
    .optional()
    .describe('The header is a list of entries, as in t=1614265330,v1=5257a8…'),
  signed: z
    .string()
    .min(1)
    .max(1_000)
    .optional()
    .describe(
      'What is signed: text, {body}, {timestamp}, {id}, {method}, {target} (path and query), {url}. Default: {body}.',
    ),
  timestamp: z
    .strictObject({
      header: headerName.optional().describe('Header that has it.'),
      entry: mark.optional().describe('Entry of the list that has it, instead of a header.'),
      unit: z.enum(['seconds', 'milliseconds', 'rfc3339']).optional().describe('How it is written. Default: seconds.'),
      tolerance: duration({ max: '24d' }).optional().describe('How far it may be from now. Default: 5m.'),
    })
    .optional()
    .describe('When it was signed, as part of what is signed. Requests that are too old are refused, repeats known.'),
  id: headerName.optional().describe('Header that {id} stands for.'),
  url: httpUrl.optional().describe('What {url} begins with: the sender’s URL of this bridge, without path and query.'),
  keyFormat: z
    .strictObject({
      prefix: z.string().max(64).optional().describe('What a key may begin with and is no part of it, such as whsec_.'),
      encoding: z
        .enum(['utf8', 'hex', 'base64', 'pem'])
        .optional()
        .describe('How keys are written. Default: utf8; for ed25519 base64. PEM is known by itself.'),
      derive: z
        .enum(['none', 'sha256', 'sha256-hex'])
        .optional()
        .describe('What signs is the SHA-256 of the key, as bytes or as hex. Default: none, the key itself.'),
    })
    .optional()
    .describe('How keys are written here.'),
  keys: z
    .array(secret())
    .min(1)
    .max(8)
    .describe('All live keys. While one is replaced, list the old and the new one: a signature by either is enough.'),
});

export type SignatureSettings = z.output<typeof signatureObject>;

export const signatureSettings = signatureObject.transform((settings, context) => {
  const resolved = resolveSignature(settings);
  if (resolved.problems.length === 0) return resolved.scheme;
  for (const { path, message } of resolved.problems) context.addIssue({ code: 'custom', path: [...path], message });
  return z.NEVER;
});
