import type { VerifiedRequest } from '../../src/core/webhook.ts';
import { formType, type ReadRecords, sentType, wholeBody } from '../../src/kit/webhook-content.ts';
import { formFields } from '../../src/kit/webhook-form.ts';
import { takeApart } from './notifications.ts';

/** The field of the form; there may be several, and several notifications in one. */
const field = 'request';

/** Each notification in a form, by itself. A form without the field is one record, of which normalise says what is wrong. */
export const postedNotifications: ReadRecords = (request: VerifiedRequest) => {
  const { body, receivedAt } = request;
  const documents = formFields(body, field);
  if (documents.length === 0) return [wholeBody(request, sentType(request, formType))];
  return documents
    .flatMap(takeApart)
    .map((bytes) => ({ bytes, mediaType: 'application/xml', headers: {}, receivedAt }));
};

/** A sender that does not say is believed to mean a form. */
export const postedTypes: readonly string[] = [formType, ''];
