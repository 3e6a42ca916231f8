import { z } from 'zod';
import { secret, text } from '../../kit/scalars.ts';

const words = 'expected an address such as https://rabbit:15671, with username and password in settings of their own';

const url = z.url({ protocol: /^https?$/, error: words }).check((context) => {
  if (!URL.canParse(context.value)) return;
  const { username, password, search, hash } = new URL(context.value);
  // The value may hold a password: it is not given back.
  if (username + password + search + hash !== '') {
    context.issues.push({ code: 'custom', message: words, input: undefined });
  }
});

/** What stands under `management` of a broker. */
export const managementSettings = z.union([
  url,
  z
    .strictObject({ url, username: text().optional(), password: secret().optional() })
    .refine(
      ({ username, password }) => (username === undefined) === (password === undefined),
      'expected username and password together, or neither',
    ),
]);

export type ManagementSettings = z.output<typeof managementSettings>;
