import type { Configuration, PipelineDefinition } from '../config/configuration.ts';
import type { Finding } from '../core/finding.ts';
import type { MailboxArrival } from '../core/mailbox.ts';
import type { Verification } from '../core/verification.ts';

function asksFor(verification: Verification, kind: Verification['kind']): boolean {
  if (verification.kind === 'all') return verification.of.some((each) => asksFor(each, kind));
  return verification.kind === kind;
}

/** What goes from a machine to itself can be read by nobody else. */
function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host);
}

function mailFindings(name: string, subject: string, { trust, server }: MailboxArrival): readonly Finding[] {
  const findings: Finding[] = [];
  if (trust.kind === 'nobody') {
    const message = `whoever can write to ${server.user} can publish events of ${name}: trust is none`;
    findings.push({ severity: 'warning', subject, code: 'MAIL_SENDER_UNVERIFIED', message });
  }
  if (server.security === 'none' && !isLoopback(server.host)) {
    const message = `the login of ${name} at ${server.host} is not encrypted: security is none`;
    findings.push({ severity: 'warning', subject, code: 'MAIL_UNPROTECTED', message });
  }
  return findings;
}

function findingsOf({ name, feeds, position }: PipelineDefinition, clientsAreKnown: boolean): readonly Finding[] {
  return feeds.flatMap(({ arrival }): readonly Finding[] => {
    if (arrival.kind === 'mailbox') return mailFindings(name, position, arrival);
    if (arrival.kind !== 'webhook') return [];
    const { path, verification } = arrival;
    if (asksFor(verification, 'nobody')) {
      return [
        {
          severity: 'warning',
          subject: position,
          code: 'SENDER_UNVERIFIED',
          message: `whoever reaches ${path} can publish events of ${name}: verify is none`,
        },
      ];
    }
    if (asksFor(verification, 'certificate') && !clientsAreKnown) {
      return [
        {
          severity: 'error',
          subject: position,
          code: 'CERTIFICATE_REFUSED',
          message: `nobody can send to ${path}: ${name} wants client certificates, but no authority of theirs is trusted`,
          hint: 'Set listen.hooks.tls.clientCa.',
        },
      ];
    }
    return [];
  });
}

/** Whether it is made sure who sends webhooks and mails, and whether anybody can. */
export function checkSenders({ pipelines, listen }: Configuration): readonly Finding[] {
  const clientsAreKnown = listen.hooks?.tls?.clientCa !== undefined;
  return pipelines.flatMap((pipeline) => findingsOf(pipeline, clientsAreKnown));
}
