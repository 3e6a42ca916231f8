import { eventFields, expressionsOf } from '../../src/kit/event-settings.ts';

/** Would be published, and kept, with every event. */
const credentials = /^(?:(?:proxy-)?authorization|(?:set-)?cookie|.*(?:signature|secret|token|api-?key).*)$/;

function complaintOf(header: string): string | undefined {
  if (header === '*') return 'name the header, as in headers."x-request-id": only what is named is kept';
  if (header !== header.toLowerCase()) return `names of headers are in lower case here: ${header.toLowerCase()}`;
  return credentials.test(header) ? `${header} is a credential, which is kept nowhere` : undefined;
}

export const eventSettings = eventFields.superRefine((settings, context) => {
  for (const { reads, text } of expressionsOf(settings)) {
    const complaint = reads('headers').map(complaintOf).find(Boolean);
    if (complaint !== undefined) context.addIssue({ code: 'custom', message: `${text}: ${complaint}` });
    if (!reads('query').includes('*')) continue;
    const message = `${text}: name the parameter, as in query.account: only what is named is kept`;
    context.addIssue({ code: 'custom', message });
  }
});
