import { z } from 'zod';

/** Of an HTTP header; given in lower case, as requests have it. */
export const headerName = z
  .string()
  .regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, 'expected an HTTP header name such as x-tenant-id')
  .transform((name) => name.toLowerCase());
