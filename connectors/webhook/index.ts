import {
  type AnyConnector,
  defineConnector,
  type FeedDefinition,
  type WebhookArrival,
} from '../../src/core/connector.ts';
import type { Normalise } from '../../src/core/normalise.ts';
import { type EventSettings, expressionsOf } from '../../src/kit/event-settings.ts';
import { formRecords, formType, jsonRecords, jsonTypes, sentType, wholeBody } from '../../src/kit/webhook-content.ts';
import type { KeptMarks } from '../../src/kit/webhook-marks.ts';
import { toWebhookArrival } from '../../src/kit/webhook-settings.ts';
import { cloudEventNormalise, cloudEventRecords } from './cloudevents.ts';
import { configSchema, type WebhookConfig } from './config.ts';
import type { Content } from './content.ts';
import { webhookNormalise } from './normalise.ts';

type Reading = Pick<WebhookArrival, 'mediaTypes' | 'keepHeaders' | 'records'>;

/** What expressions read of a request goes with its records; nothing else does. */
function keptBy(event: EventSettings): KeptMarks & { readonly headers: readonly string[] } {
  const expressions = expressionsOf(event);
  const read = (name: string): string[] => [...new Set(expressions.flatMap(({ reads }) => reads(name)))];
  return { headers: read('headers'), query: read('query'), method: read('method').length > 0 };
}

function readingOf(content: Content, event: EventSettings | undefined): Reading {
  const kept = event ? keptBy(event) : { headers: [] };
  const keepHeaders = kept.headers;
  const whole = (otherwise: string): Reading['records'] => {
    return (request) => [wholeBody(request, sentType(request, otherwise), kept)];
  };
  switch (content.kind) {
    case 'json':
      return { keepHeaders, mediaTypes: jsonTypes, records: jsonRecords(kept) };
    case 'form':
      return { keepHeaders, mediaTypes: [formType], records: formRecords(content.field, kept) };
    case 'xml':
      return { keepHeaders, mediaTypes: ['application/xml', 'text/xml', '*+xml'], records: whole('application/xml') };
    case 'text':
      return { keepHeaders, mediaTypes: ['*'], records: whole('text/plain') };
    case 'binary':
      return { keepHeaders, mediaTypes: ['*'], records: whole('application/octet-stream') };
    case 'cloudevents':
      return { keepHeaders, mediaTypes: ['*'], records: cloudEventRecords };
  }
}

function feedsOf(config: WebhookConfig): readonly FeedDefinition[] {
  const { account, content, event } = config;
  const source = `/webhook/${encodeURIComponent(account)}`;
  const normalise: Normalise = event ? webhookNormalise({ account, source, content, event }) : cloudEventNormalise;
  return [
    {
      name: 'events',
      source,
      ids: event && 'digest' in event.id ? 'state' : 'event',
      normalise,
      steps: [],
      arrival: toWebhookArrival(config, readingOf(content, event)),
    },
  ];
}

export const webhook: AnyConnector = defineConnector({
  name: 'webhook',
  summary: 'Any webhook: JSON, forms, XML, text, CloudEvents; its fields named by JSON Pointers or JSONata',
  config: configSchema,
  feeds: feedsOf,
});
