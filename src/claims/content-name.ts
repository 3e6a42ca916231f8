const extensions: Readonly<Record<string, string>> = {
  'application/json': '.json',
  'application/pdf': '.pdf',
  'application/xml': '.xml',
  'text/xml': '.xml',
  'text/plain': '.txt',
  'text/csv': '.csv',
  'text/html': '.html',
  'application/zip': '.zip',
};

/** The name of a content: its SHA-256, with an extension that tells people and programs what it is. */
export function contentName(sha256: string, mediaType: string): string {
  return `${sha256}${extensions[mediaType] ?? (mediaType.endsWith('+json') ? '.json' : '.bin')}`;
}
