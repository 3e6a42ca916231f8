import { z } from 'zod';
import type { WebhookArrival } from '../core/connector.ts';
import { challengeSettings } from './challenge-settings.ts';
import { type RegistrationSettings, toRegistration } from './registration-settings.ts';
import { byteSize, duration, text } from './scalars.ts';
import { verificationSettings } from './verification-settings.ts';

const segment = String.raw`/(?!\.{1,2}(?:/|$))[A-Za-z0-9._~!$&'()*+,;=:@-]+`;

/** Below the listener for webhooks. */
export const hookPath = z
  .string()
  .regex(new RegExp(`^(?:${segment})+$`), 'expected a path such as /hooks/billing, without a slash at its end')
  .max(200);

const listed = 'expected a name for `source`: letters, digits and . _ ~ -';

/** Whose events these are. Stands in `source`, and in ids that are digests: so it must not change. */
export const accountSetting = text()
  .refine((value) => /^[A-Za-z0-9._~-]{1,100}$/.test(value), listed)
  .describe('Whose events these are. Stands in source, and in ids: do not change it later.');

export const typePrefix = z
  .string()
  .regex(/^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$/, 'expected a prefix such as com.example, without a dot at its end');

/** The settings of everything that webhooks are sent to: spread them into its strict object. */
export function webhookSettings(defaults: {
  readonly status: number;
  /** The statuses that the sender takes for success, and its name. Default: any below 300. */
  readonly only?: { readonly statuses: readonly number[]; readonly sender: string };
}) {
  const { status, only } = defaults;
  const taken = only?.statuses ?? [];
  return {
    path: hookPath.describe('Path below the listener for webhooks (listen.hooks); of this pipeline alone.'),
    verify: verificationSettings,
    challenges: challengeSettings,
    answer: z
      .strictObject({
        status: z
          .int()
          .min(200, { abort: true })
          .max(299, { abort: true })
          .refine(
            (chosen) => only === undefined || taken.includes(chosen),
            `expected ${taken.join(' or ')}: ${only?.sender} takes nothing else for success, and would call again for ever`,
          )
          .default(status)
          .describe(
            only === undefined
              ? 'What the sender gets when everything is safe.'
              : `What the sender gets when everything is safe: ${taken.join(' or ')}.`,
          ),
        within: duration({ max: '5m' }).prefault('8s').describe('When it is not safe by then, the answer is 503.'),
      })
      .prefault({})
      .describe('What senders are answered, and when at the latest.'),
    rate: z
      .strictObject({
        perSecond: z.number().min(0.01).max(1_000_000).describe('Requests a second, evenly.'),
        burst: z.int().min(1).max(1_000_000).default(100).describe('Requests that may come at once.'),
      })
      .optional()
      .describe('How often the path may be called; more is answered 429. Default: no limit but those of listen.hooks.'),
    maxBody: byteSize().prefault('1MiB').describe('Largest body that is taken, when its compression is undone.'),
  };
}

type WebhookSettings = z.output<z.ZodObject<ReturnType<typeof webhookSettings>>> & {
  readonly register?: RegistrationSettings | undefined;
};

/** What the settings mean, with what only the connector knows. */
export function toWebhookArrival(
  { path, verify, challenges, answer, rate, maxBody, register }: WebhookSettings,
  own: Pick<WebhookArrival, 'mediaTypes' | 'keepHeaders' | 'records'>,
): WebhookArrival {
  return {
    kind: 'webhook',
    path,
    verification: verify,
    challenges,
    maxBodyBytes: maxBody,
    answer: { status: answer.status, withinMs: answer.within },
    ...(rate && { rate }),
    ...(register && { registration: toRegistration(register, verify) }),
    ...own,
  };
}
