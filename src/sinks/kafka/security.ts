import { z } from 'zod';
import { oauth2Settings } from '../../kit/oauth2-settings.ts';
import { secret, text } from '../../kit/scalars.ts';
import { tlsSettings } from '../../kit/tls-settings.ts';

export const tls = z
  .union([z.boolean(), tlsSettings])
  .default(false)
  .describe('true: encrypt and trust what the system trusts; or PEM texts: ca, and cert with key for mutual TLS.');

const password = z.strictObject({
  mechanism: z.enum(['plain', 'scram-sha-256', 'scram-sha-512']),
  username: text(),
  password: secret(),
});

/** As RFC 7628 has them; `auth` is the token itself. */
const extensionName = z
  .string()
  .regex(/^(?!auth$)[A-Za-z]+$/, 'expected the name of a SASL extension: letters only, and not auth');
const extensionValue = text().refine(
  (value) => /^[\x20-\x7e\t\r\n]+$/.test(value),
  'expected printable ASCII characters only',
);

const oauthBearer = z.strictObject({
  mechanism: z.literal('oauthbearer'),
  oauth2: oauth2Settings.describe('Where the token comes from: OAuth 2 client credentials.'),
  extensions: z
    .record(extensionName, extensionValue)
    .default({})
    .describe('SASL extensions that the broker wants besides the token, such as logicalCluster.'),
});

const awsMskIam = z.strictObject({
  mechanism: z.literal('aws-msk-iam'),
  region: z
    .string()
    .regex(/^[a-z]{2,}(-[a-z]+)+-\d+$/, 'expected an AWS region such as eu-central-1')
    .describe('AWS region of the cluster. The credentials are those that the AWS SDK finds by itself.'),
  roleArn: z
    .string()
    .regex(/^arn:aws[a-z-]*:iam::\d{12}:role\/\S+$/, 'expected a role such as arn:aws:iam::123456789012:role/feedferry')
    .optional()
    .describe('Role to take on first.'),
});

export const sasl = z.discriminatedUnion('mechanism', [password, oauthBearer, awsMskIam]).optional();

interface Security {
  readonly tls: z.output<typeof tls>;
  readonly sasl?: z.output<typeof sasl>;
}

/** MSK gives IAM its own listener, which speaks TLS only; and whoever sees the token may use it. */
export function refuseBareMskToken(context: z.core.ParsePayload<Security>): void {
  const { tls: encrypted, sasl: login } = context.value;
  if (encrypted !== false || login?.mechanism !== 'aws-msk-iam') return;
  context.issues.push({
    code: 'custom',
    path: ['sasl', 'mechanism'],
    message: 'sasl.mechanism: aws-msk-iam without TLS would send the token in the clear.',
    params: { code: 'CONFIG_UNSAFE', hint: 'Set tls: true. The IAM listener of MSK speaks nothing else (port 9098).' },
    input: login.mechanism,
  });
}
