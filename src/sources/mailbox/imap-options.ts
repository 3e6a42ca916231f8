import { isIP } from 'node:net';
import type { ImapFlowOptions, Logger } from 'imapflow';
import type { MailServer } from '../../core/mailbox.ts';

/** Besides the mail itself, what one answer of the server may have. */
const answerBytes = 1024 * 1024;
/** UIDs of a folder with a million mails that are not marked. */
const lineBytes = 16 * 1024 * 1024;

/** What the IMAP library is told. `largestBytes`: of what is fetched of one mail. */
export function imapOptions(
  server: MailServer,
  accessToken: string | undefined,
  largestBytes: number,
  logger: Logger,
): ImapFlowOptions {
  const { host, port, security, tls, user, login, timeouts } = server;
  const password = login.kind === 'password' ? { pass: login.password.reveal() } : {};
  return {
    host,
    port,
    secure: security === 'tls',
    ...(security !== 'tls' && { doSTARTTLS: security === 'starttls' }),
    ...(isIP(host) === 0 && { servername: host }),
    tls: {
      minVersion: 'TLSv1.2',
      ...(tls.ca && { ca: tls.ca.reveal() }),
      ...(tls.cert && { cert: tls.cert.reveal() }),
      ...(tls.key && { key: tls.key.reveal() }),
    },
    auth: { user, ...password, ...(accessToken !== undefined && { accessToken }) },
    logger,
    clientInfo: { name: 'feedferry' },
    disableAutoIdle: true,
    disableCompression: true,
    // Message contents are literals, as they came; a decoded one would have other bytes than the mail.
    disableBinary: true,
    connectionTimeout: timeouts.connect,
    greetingTimeout: timeouts.connect,
    // A silent connection is found by the next command, which has a time-out of its own.
    socketTimeout: 24 * 60 * 60_000,
    maxLockHoldTime: false,
    maxLiteralSize: largestBytes + answerBytes,
    maxResponseSize: largestBytes + 2 * lineBytes,
    maxLineLength: lineBytes,
  };
}
