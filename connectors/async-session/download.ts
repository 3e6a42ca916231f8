import { z } from 'zod';
import type { Downloads, WantedContent } from '../../src/core/downloads.ts';
import { claimStore } from '../../src/kit/claim-settings.ts';
import { endpointSettings, toEndpoint } from '../../src/kit/endpoint-settings.ts';
import { toEventType } from '../../src/kit/event-type.ts';
import { byteSize, duration, text } from '../../src/kit/scalars.ts';

const placeholder = '{sessionId}';

const contentPath = text().refine(
  (value) => value.includes(placeholder) && !value.startsWith('/'),
  `expected a path below baseUrl with ${placeholder} in it, and no slash at the beginning`,
);

const mediaType = z
  .string()
  .regex(/^(?:\*|\*\+[a-z0-9.-]+|[a-z0-9.+-]+\/[a-z0-9.+-]+)$/, 'expected a media type such as application/pdf, or *');

/** An event holds it as often as it is sent. */
const mostInline = 512 * 1024;

const inline = z
  .union([z.literal(false), byteSize().refine((bytes) => bytes <= mostInline, 'expected at most 512KiB')])
  .transform((bytes) => (bytes === false ? 0 : bytes));

interface ContentDefaults {
  readonly path: string;
  readonly on: string;
  readonly mediaTypes: readonly string[];
  readonly maxBytes: string;
  readonly inline: string | false;
}

function contentSettings(defaults: ContentDefaults) {
  return z.strictObject({
    path: contentPath.default(defaults.path).describe('Where it is, below baseUrl.'),
    on: z
      .array(z.string().min(1).max(100))
      .min(1)
      .default([defaults.on])
      .describe('The statuses at which it is fetched. Where AllDone alone is sent: [AllDone].'),
    mediaTypes: z
      .array(mediaType)
      .min(1)
      .default([...defaults.mediaTypes])
      .describe('What it may be.'),
    maxBytes: byteSize().prefault(defaults.maxBytes).describe('The most that is read of it.'),
    inline: inline
      .prefault(defaults.inline)
      .describe('Up to this size it becomes part of the event, above it the store has it; false: always the store.'),
  });
}

const json = contentSettings({
  path: `sessions/${placeholder}/json`,
  on: 'JsonDataReady',
  mediaTypes: ['application/json'],
  maxBytes: '64MiB',
  inline: '256KiB',
});

const report = contentSettings({
  path: `sessions/${placeholder}/report`,
  on: 'ReportReady',
  mediaTypes: ['application/pdf'],
  maxBytes: '256MiB',
  inline: false,
});

const { maxResponse: _, ...endpoint } = endpointSettings;

/** What sessions have made is fetched, after the webhook has been answered. */
export const downloadSettings = z
  .strictObject({
    ...endpoint,
    json: z
      .union([z.literal(false), json])
      .prefault({})
      .describe('The JSON content: path, on, mediaTypes, maxBytes, inline; or false: it is not fetched.'),
    report: z
      .union([z.literal(false), report])
      .prefault({})
      .describe('The PDF report, likewise.'),
    timeout: duration({ max: '24d' }).prefault('5m').describe('The longest that one content may take.'),
    retryFor: duration()
      .prefault('1h')
      .describe('How long a content is asked for that cannot be given; then its event is a dead letter.'),
    store: claimStore.describe('Where contents are kept that are no part of the event: a folder.'),
  })
  .refine(({ json, report }) => json !== false || report !== false, 'expected json or report to be fetched');

interface SessionSettings {
  readonly typePrefix: string;
  readonly download?: z.output<typeof downloadSettings> | undefined;
}

export function sessionDownloads({ typePrefix, download }: SessionSettings): Downloads | undefined {
  if (download === undefined) return undefined;
  const { json, report, timeout, retryFor, store, ...rest } = download;
  const contents = Object.entries({ json, report }).flatMap(([name, settings]) =>
    settings === false
      ? []
      : [{ ...settings, name, types: settings.on.map((status) => toEventType(typePrefix, status)) }],
  );
  return {
    endpoint: toEndpoint({ ...rest, maxResponse: 64 * 1024 }),
    store,
    timeoutMs: timeout,
    retryForMs: retryFor,
    absentPath: contents[0]?.path.replaceAll(placeholder, 'feedferry-check') ?? '',
    wanted({ attributes }) {
      const id = encodeURIComponent(attributes.subject ?? '');
      return contents
        .filter(({ types }) => types.includes(attributes.type))
        .map(
          ({ name, path, mediaTypes, maxBytes, inline }): WantedContent => ({
            name,
            path: path.replaceAll(placeholder, id),
            mediaTypes,
            maxBytes,
            inlineBytes: inline,
          }),
        );
    },
  };
}
