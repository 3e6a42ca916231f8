import { z } from 'zod';
import type { Registration, RegistrationRequest } from '../core/registration.ts';
import type { Secret } from '../core/secret.ts';
import type { Verification } from '../core/verification.ts';
import { endpointSettings, toEndpoint } from './endpoint-settings.ts';
import { parsePointer } from './json-pointer.ts';
import { duration, secret, text } from './scalars.ts';

const pointer = text().refine(
  (value) => value.startsWith('/') && parsePointer(value) !== undefined,
  'expected a JSON Pointer such as /data/id',
);

const path = text()
  .refine((value) => /^[\x21-\x7e]+$/.test(value), 'expected a path below baseUrl such as webhooks/{id}')
  .transform((value) => value.replace(/^\//, ''));

type Method = RegistrationRequest['method'];

function request(method: Method) {
  return {
    method: z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']).default(method).describe('HTTP method.'),
    path: path.describe('Below baseUrl; may hold {id}.'),
    body: z
      .json()
      .optional()
      .describe('Sent as JSON, with {callback}, {secret} and {id} filled in where they stand in texts. Default: none.'),
  };
}

const everyMost = { max: '24d' } as const;

/** How an upstream is told where to send webhooks, and with which secret. */
export const registrationSettings = z
  .strictObject({
    ...endpointSettings,
    create: z.strictObject(request('POST')).describe('Registers {callback}, the URL of this pipeline below publicUrl.'),
    id: pointer.optional().describe('Where the answer to `create` has the id. Default: nowhere, it has none.'),
    check: z
      .strictObject(request('GET'))
      .optional()
      .describe('Whether it is there still: 2xx says yes, 404 and 410 say no. Default: it is believed to last.'),
    update: z
      .strictObject(request('PUT'))
      .optional()
      .describe('Changes URL or secret, and renews. Default: a new one is made, then the old one removed.'),
    remove: z.strictObject(request('DELETE')).optional().describe('Ends it. Default: `feedferry unregister` cannot.'),
    find: z
      .strictObject({
        ...request('GET'),
        items: z
          .union([pointer, z.literal('')])
          .default('')
          .describe('Where the answer has the list. Default: it is the list.'),
        callback: pointer.describe('Where an item has its URL.'),
        id: pointer.describe('Where an item has its id.'),
      })
      .optional()
      .describe(
        'Lists what is registered, so that none is made twice. Default: only what was made by this state is known.',
      ),
    secret: secret().optional().describe('What {secret} stands for. Default: the first key or token under verify.'),
    every: duration(everyMost).prefault('15m').describe('How often it is checked.'),
    renewEvery: duration(everyMost).optional().describe('How often it is renewed where it runs out. Default: never.'),
  })
  .superRefine((settings, context) => {
    const { id, check, update, remove, create } = settings;
    for (const [name, given] of Object.entries({ create, check, update, remove })) {
      const wantsId = JSON.stringify(given)?.includes('{id}') ?? false;
      if (name === 'create' ? wantsId : wantsId && id === undefined && settings.find === undefined) {
        const message = name === 'create' ? 'expected no {id}: there is none yet' : 'expected `id` for {id}';
        context.addIssue({ code: 'custom', path: [name], message });
      }
    }
  });

export type RegistrationSettings = z.output<typeof registrationSettings>;

/** What is known to both sides. The first one is that of tomorrow, where there are two. */
function sharedSecret(verification: Verification): Secret | undefined {
  switch (verification.kind) {
    case 'signature':
      return verification.signers[0]?.keys[0];
    case 'bearer':
      return verification.tokens[0];
    case 'basic':
      return verification.passwords[0];
    case 'all':
      return verification.of.map(sharedSecret).find((found) => found !== undefined);
    default:
      return undefined;
  }
}

function toRequest({ method, path, body }: z.output<z.ZodObject<ReturnType<typeof request>>>): RegistrationRequest {
  return { method, path, ...(body !== undefined && { body }) };
}

/** What the settings mean beside those of the verification. */
export function toRegistration(settings: RegistrationSettings, verification: Verification): Registration {
  const { create, id, check, update, remove, find, every, renewEvery } = settings;
  const shared = settings.secret ?? sharedSecret(verification);
  return {
    endpoint: toEndpoint(settings),
    create: toRequest(create),
    ...(id !== undefined && { id }),
    ...(check && { check: toRequest(check) }),
    ...(update && { update: toRequest(update) }),
    ...(remove && { remove: toRequest(remove) }),
    ...(find && { find: { ...toRequest(find), items: find.items, callback: find.callback, id: find.id } }),
    ...(shared && { secret: shared }),
    everyMs: every,
    ...(renewEvery !== undefined && { renewMs: renewEvery }),
  };
}
