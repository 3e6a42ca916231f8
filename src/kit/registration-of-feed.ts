import type { Registration, RegistrationRequest } from '../core/registration.ts';
import { mapTexts } from './map-texts.ts';

/** One of several feeds that are registered alike: `{feed}` stands for its name, in paths and in texts of bodies. */
export function registrationOfFeed(registration: Registration, feed: string): Registration {
  const named = <Request extends RegistrationRequest>(request: Request): Request => ({
    ...request,
    path: request.path.replaceAll('{feed}', encodeURIComponent(feed)),
    ...(request.body !== undefined && { body: mapTexts(request.body, (text) => text.replaceAll('{feed}', feed)) }),
  });
  const { create, check, update, remove, find } = registration;
  return {
    ...registration,
    create: named(create),
    ...(check && { check: named(check) }),
    ...(update && { update: named(update) }),
    ...(remove && { remove: named(remove) }),
    ...(find && { find: named(find) }),
  };
}
