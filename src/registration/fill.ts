import type { HttpRequest } from '../core/http.ts';
import type { RegistrationRequest } from '../core/registration.ts';
import { mapTexts } from '../kit/map-texts.ts';

/** What stands in braces. */
export interface RegistrationValues {
  readonly callback: string;
  readonly secret: string;
  readonly id: string;
}

const placeholder = /\{(callback|secret|id)\}/g;

function fillText(text: string, values: RegistrationValues): string {
  return text.replace(placeholder, (_, name: keyof RegistrationValues) => values[name]);
}

/** Whether the request cannot be made without an id. */
export function needsId({ path, body }: RegistrationRequest): boolean {
  return path.includes('{id}') || (JSON.stringify(body) ?? '').includes('{id}');
}

/** What stands for a text is put into texts alone, so that a secret cannot end the string that it is in. */
export function fill({ method, path, headers, body }: RegistrationRequest, values: RegistrationValues): HttpRequest {
  const target = path.replace(placeholder, (_, name: keyof RegistrationValues) => encodeURIComponent(values[name]));
  const accept = { accept: 'application/json', ...headers };
  if (body === undefined) return { method, path: target, headers: accept };
  return {
    method,
    path: target,
    headers: { 'content-type': 'application/json', ...accept },
    body: Buffer.from(JSON.stringify(mapTexts(body, (text) => fillText(text, values)))),
  };
}
