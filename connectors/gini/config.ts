import { z } from 'zod';
import { endpointSettings } from '../../src/kit/endpoint-settings.ts';
import { expression } from '../../src/kit/expression.ts';
import { duration } from '../../src/kit/scalars.ts';
import { refuseStream, streamSettings } from '../../src/kit/stream-settings.ts';
import { accountSetting, typePrefix } from '../../src/kit/webhook-settings.ts';

const reconcile = z.strictObject({
  ...endpointSettings,
  path: z
    .string()
    .regex(/^(?!\/)[\x21-\x7e]+$/, 'expected a path below baseUrl, such as documents?since={from}')
    .default('documents?modifiedAfter={from}&modifiedBefore={to}')
    .describe('What is asked, below baseUrl. {from} and {to} are the ends of the gap, in RFC 3339.'),
  items: expression().prefault('/documents').describe('Where the documents are in the answer.'),
  id: expression().prefault('/id').describe('Of a document: its documentId.'),
  status: expression().prefault('/progress').describe('Of a document: PENDING, COMPLETED or ERROR.'),
  within: duration({ max: '1h' }).prefault('60s').describe('Longest time to ask for, tries included.'),
});

export type ReconcileConfig = z.output<typeof reconcile>;

/** What stands under `from`. */
export const configSchema = z
  .strictObject({
    connector: z.literal('gini'),
    account: accountSetting,
    ...streamSettings,
    baseUrl: streamSettings.baseUrl.prefault('https://notifications.gini.net'),
    reconcile: reconcile
      .optional()
      .describe('Asks the document API, after each gap, which documents have changed. Default: nobody is asked.'),
    typePrefix: typePrefix.default('net.gini.document').describe('What the type of each event begins with.'),
  })
  .superRefine(refuseStream);

export type GiniConfig = z.output<typeof configSchema>;
