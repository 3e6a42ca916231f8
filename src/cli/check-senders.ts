import type { Configuration, PipelineDefinition } from '../config/configuration.ts';
import type { Finding } from '../core/finding.ts';
import type { Verification } from '../core/verification.ts';

function asksFor(verification: Verification, kind: Verification['kind']): boolean {
  if (verification.kind === 'all') return verification.of.some((each) => asksFor(each, kind));
  return verification.kind === kind;
}

function findingsOf({ name, feeds, position }: PipelineDefinition, clientsAreKnown: boolean): readonly Finding[] {
  return feeds.flatMap(({ arrival }): readonly Finding[] => {
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

/** Whether it is made sure who sends webhooks, and whether anybody can. */
export function checkSenders({ pipelines, listen }: Configuration): readonly Finding[] {
  const clientsAreKnown = listen.hooks?.tls?.clientCa !== undefined;
  return pipelines.flatMap((pipeline) => findingsOf(pipeline, clientsAreKnown));
}
