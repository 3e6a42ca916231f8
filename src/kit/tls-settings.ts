import { z } from 'zod';
import { secret } from './scalars.ts';

/** A PEM text. */
export const pem = secret().refine(
  (value) => value.reveal().includes('-----BEGIN '),
  'expected PEM text; to read it from a file write "${file:/path/to/file.pem}"',
);

/** PEM texts for connections that the bridge opens. */
export const tlsSettings = z
  .strictObject({
    ca: pem.optional().describe('Trusted authorities, instead of the platform’s own.'),
    cert: pem.optional().describe('Client certificate.'),
    key: pem.optional().describe('Key of the client certificate.'),
  })
  .refine(
    ({ cert, key }) => (cert === undefined) === (key === undefined),
    'expected cert and key together, or neither',
  );
