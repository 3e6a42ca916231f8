/** How an error is told in a body with status 200. */
export const refusalForms = ['text', 'data', 'json', 'pretty-json', 'json-in-data'] as const;
export type RefusalForm = (typeof refusalForms)[number];

export interface Refusal {
  readonly word: string;
  readonly form: RefusalForm;
  /** Empty lines before it. Default: 0. */
  readonly emptyLines?: number;
  /** It goes out in pieces of so many bytes. Default: whole. */
  readonly pieceBytes?: number;
  /** Whether the body ends after it. Default: true. */
  readonly ends?: boolean;
  /** Whether its last line is ended. Default: true. */
  readonly ended?: boolean;
}

function textOf({ word, form }: Refusal): string {
  switch (form) {
    case 'text':
      return word;
    case 'data':
      return `data: ${word}\n`;
    case 'json':
      return JSON.stringify({ error: word });
    case 'pretty-json':
      return JSON.stringify({ error: word }, undefined, 2);
    case 'json-in-data':
      return `data: ${JSON.stringify({ error: { code: word } })}\n`;
  }
}

export function refusalBytes(refusal: Refusal): Buffer {
  const { emptyLines = 0, ended = true } = refusal;
  return Buffer.from(`${'\n'.repeat(emptyLines)}${textOf(refusal)}${ended ? '\n' : ''}`);
}
