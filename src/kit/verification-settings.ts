import { z } from 'zod';
import type { Verification } from '../core/verification.ts';
import { isAddressBlock } from './address-block.ts';
import { headerName } from './header-name.ts';
import { secret, text } from './scalars.ts';
import { signatureSettings } from './signature-settings.ts';

/** What is sent again and again, and may have to be replaced: the old and the new one are live side by side. */
const secrets = (pattern: RegExp, words: string) =>
  z
    .array(secret().refine((value) => pattern.test(value.reveal()), words))
    .min(1)
    .max(8);

const basic = z
  .strictObject({
    basic: z
      .strictObject({
        username: text().refine((value) => !value.includes(':'), 'expected a user name without a colon'),
        passwords: z.array(secret()).min(1).max(8).describe('All live ones.'),
      })
      .describe('User and password, as HTTP has them.'),
  })
  .transform(({ basic }): Verification => ({ kind: 'basic', ...basic }));

const bearer = z
  .strictObject({
    bearer: secrets(/^[\x21-\x7e]+$/, 'expected a token without spaces').describe('All live tokens.'),
    header: headerName.optional().describe('Header with the token alone. Default: Authorization, after Bearer.'),
  })
  .superRefine(({ bearer, header }, context) => {
    if (header !== undefined) return;
    bearer.forEach((token, index) => {
      if (/^[\w.~+/-]+=*$/.test(token.reveal())) return;
      const message = 'expected letters, digits and -._~+/ only, as Authorization has them';
      context.addIssue({ code: 'custom', path: ['bearer', index], message });
    });
  })
  .transform(
    ({ bearer, header }): Verification => ({ kind: 'bearer', tokens: bearer, ...(header !== undefined && { header }) }),
  );

const secretPath = z
  .strictObject({
    secretPath: secrets(
      /^[A-Za-z0-9._~-]{16,256}$/,
      'expected 16 to 256 letters, digits and -._~: what can stand in a path, and cannot be guessed',
    ).describe(
      'All live secrets, one of which is one more segment at the end of the path. It is in access logs on its way.',
    ),
  })
  .transform(({ secretPath }): Verification => ({ kind: 'path', secrets: secretPath }));

const fingerprint = z
  .string()
  .transform((value) => value.replaceAll(':', '').toLowerCase())
  .refine(
    (value) => /^[0-9a-f]{64}$/.test(value),
    'expected a SHA-256 fingerprint: 64 hex digits, with colons or without',
  );

const certificate = z
  .strictObject({
    certificate: z
      .strictObject({
        sha256: z.array(fingerprint).default([]).describe('Fingerprints, one of which it has to have. Default: any.'),
        commonNames: z.array(text()).default([]).describe('Names, one of which it has to have. Default: any.'),
      })
      .describe('A client certificate that listen.hooks.tls.clientCa has signed.'),
  })
  .transform(({ certificate }): Verification => ({ kind: 'certificate', ...certificate }));

const addresses = z
  .strictObject({
    addresses: z
      .array(
        text().refine(
          isAddressBlock,
          'expected an address or a block such as 203.0.113.7, 10.0.0.0/8 or 2001:db8::/32',
        ),
      )
      .min(1)
      .describe('Addresses and CIDR blocks that may send; behind a proxy, what trusted proxies say.'),
  })
  .transform(({ addresses }): Verification => ({ kind: 'address', allow: addresses }));

const examples =
  '{ preset: github, keys: ["${env:SECRET}"] }, { bearer: ["${env:TOKEN}"] }, or a list of which all must pass';

const one = z.union(
  [signatureSettings, basic, bearer, secretPath, certificate, addresses],
  `expected one of ${examples}`,
);

const several = z
  .array(one)
  .min(1)
  .transform((of): Verification => (of[0] !== undefined && of.length === 1 ? of[0] : { kind: 'all', of }));

const none = z.literal('none').transform((): Verification => ({ kind: 'nobody' }));

/** How it is made sure who sends, for the settings of every webhook connector. */
export const verificationSettings: z.ZodType<Verification> = z
  .union([one, several, none], `expected ${examples}; or none, if anybody may send`)
  .describe(
    'How it is made sure who sends: a signature, basic, bearer, secretPath, certificate or addresses; a list of which all must pass; or none.',
  );
