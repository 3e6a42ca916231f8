import { BridgeError } from '../../../core/errors.ts';
import type { MailTrust } from '../../../core/mailbox.ts';
import { headerFields } from '../header-fields.ts';
import { dkimPassed } from './authentication-results.ts';
import { cameFrom, fromAddress } from './received.ts';

/** Whether a mail is from whom it should be; else why not, as MAIL_UNTRUSTED. Judged by its header, before it is taken apart. */
export function judgeTrust(mail: Uint8Array, trust: MailTrust): BridgeError | undefined {
  if (trust.kind === 'nobody') return undefined;
  const fields = headerFields(mail);
  const missing =
    trust.kind === 'authentication-results'
      ? dkimPassed(fields, trust.authservId, trust.dkim)
      : (fromAddress(fields, trust.from) ?? cameFrom(fields, trust.receivedBy, trust.network));
  return missing === undefined ? undefined : new BridgeError('MAIL_UNTRUSTED', missing);
}
