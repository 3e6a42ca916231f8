import { z } from 'zod';
import { secret, text } from './scalars.ts';

export const httpUrl = text().refine(
  (value) => /^https?:\/\/[^/]/.test(value) && URL.canParse(value),
  'expected an http(s) URL such as https://api.example.com',
);

/** How to get an access token by OAuth 2 client credentials. */
export const oauth2Settings = z.strictObject({
  tokenUrl: httpUrl.describe('Token endpoint of the identity provider.'),
  clientId: text(),
  clientSecret: secret(),
  scope: text().optional(),
  audience: text().optional(),
});
