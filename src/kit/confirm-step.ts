import { z } from 'zod';
import type { Envelope } from '../core/envelope.ts';
import { BridgeError, toBridgeError } from '../core/errors.ts';
import type { Step, StepContext } from '../core/step.ts';
import { classifyStatus } from './classify-status.ts';
import { endpointSettings } from './endpoint-settings.ts';
import { excerpt } from './excerpt.ts';
import { text } from './scalars.ts';

const named = /\{([a-z0-9]+)\}/g;

/** Asks the upstream about each event that somebody has sent in its name. */
export const confirmSettings = z.strictObject({
  ...endpointSettings,
  path: text()
    .refine(
      (value) => /^[\x21-\x7e]+$/.test(value) && value.includes('{'),
      'expected a path below baseUrl that names an attribute, such as requests/{correlationid}',
    )
    .transform((value) => value.replace(/^\//, ''))
    .describe('Asked with GET below baseUrl, with attributes of the event in it: {id}, {subject}, {correlationid}, …'),
});

function pathOf(template: string, { attributes }: Envelope): string {
  const values: Readonly<Record<string, unknown>> = { ...attributes };
  return template.replace(named, (_, name: string) => {
    const value = values[name];
    if (typeof value === 'string' && value !== '') return encodeURIComponent(value.toWellFormed());
    throw new BridgeError('EVENT_DISOWNED', `the event has no ${name} that its upstream could be asked about`);
  });
}

async function ask(path: string, { fetch }: StepContext): Promise<void> {
  const what = `GET ${excerpt(path)}`;
  const response = await fetch({ method: 'GET', path, headers: { accept: 'application/json' } });
  const { status } = response;
  if (status >= 200 && status < 300) return;
  if (status === 404 || status === 410) throw new BridgeError('EVENT_DISOWNED', `${what}: answered ${status}`);
  throw classifyStatus(response, what);
}

/**
 * `confirm`: 2xx lets the event pass, 404 and 410 make it a dead letter. What is wrong with the upstream is tried again;
 * what is wrong with one question is that event's fault alone, and halts no feed.
 */
export function confirmStep(template: string): Step {
  return {
    name: 'confirm',
    async apply(envelope, context) {
      try {
        await ask(pathOf(template, envelope), context);
      } catch (thrown) {
        const error = toBridgeError(thrown);
        if (error.disposition === 'retryable' || error.code === 'EVENT_DISOWNED') throw error;
        throw new BridgeError('EVENT_DISOWNED', error.message, { cause: error });
      }
      return [{ kind: 'event', envelope }];
    },
  };
}
