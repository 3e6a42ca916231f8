import type { HttpResponse } from '../core/http.ts';
import { parseExactJson } from './exact-json.ts';
import { readXml } from './xml/read.ts';
import type { XmlElement } from './xml/tree.ts';

/** How much of a body is searched for text. */
const searchedBytes = 64 * 1024;

/** An answer as rules see it: read as JSON, XML or text when the first rule asks for it, and once. */
export interface ResponseView {
  readonly response: HttpResponse;
  /** Undefined: it is no JSON. */
  json(): { readonly value: unknown } | undefined;
  /** Undefined: it is no XML that is taken. */
  xml(): XmlElement | undefined;
  text(): string;
}

function once<T>(of: () => T): () => T {
  let known: { readonly value: T } | undefined;
  return () => {
    known ??= { value: of() };
    return known.value;
  };
}

export function lookAt(response: HttpResponse): ResponseView {
  const { body } = response;
  return {
    response,
    json: once(() => {
      try {
        return { value: parseExactJson(body, 'the answer') };
      } catch {
        return undefined;
      }
    }),
    xml: once(() => {
      const reading = readXml(body);
      return reading.kind === 'xml' ? reading.root : undefined;
    }),
    text: once(() => Buffer.from(body.subarray(0, searchedBytes)).toString()),
  };
}
