import { z } from 'zod';
import { secret, text } from '../../kit/scalars.ts';

const certificates = z
  .strictObject({ ca: secret().optional(), cert: secret().optional(), key: secret().optional() })
  .refine(
    ({ cert, key }) => (cert === undefined) === (key === undefined),
    'cert and key belong together: give both or none',
  );

export const tls = z
  .union([z.boolean(), certificates])
  .default(false)
  .describe('true: encrypt and trust what the system trusts; or PEM texts: ca, and cert with key for mutual TLS.');

export const sasl = z
  .strictObject({
    mechanism: z.enum(['plain', 'scram-sha-256', 'scram-sha-512']),
    username: text(),
    password: secret(),
  })
  .optional();
