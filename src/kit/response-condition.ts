import type { ResponseCondition } from '../core/response-policy.ts';
import { compileGlob, compileGlobs } from './glob.ts';
import { follow, parsePointer } from './json-pointer.ts';
import type { ResponseView } from './response-view.ts';
import { compileXPath } from './xml/xpath.ts';

type Fits = (view: ResponseView) => boolean;

function statusFits(statuses: readonly string[]): Fits {
  return ({ response }) => {
    const status = String(response.status);
    return statuses.some((one) => one === status || (one.endsWith('xx') && one[0] === status[0]));
  };
}

function headerFits(name: string, pattern: string): Fits {
  const fits = compileGlob(pattern);
  return ({ response: { headers } }) => {
    const value = Object.hasOwn(headers, name) ? headers[name] : undefined;
    return value !== undefined && fits(value);
  };
}

function pointerFinds(pointer: string): (view: ResponseView) => unknown {
  const steps = pointer === '' ? [] : (parsePointer(pointer) ?? []);
  return (view) => {
    const json = view.json();
    return json && follow(json.value, steps);
  };
}

function jsonFits(pointer: string, patterns: readonly string[]): Fits {
  const find = pointerFinds(pointer);
  const fits = compileGlobs(patterns);
  return (view) => {
    const value = find(view);
    return (
      (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') && fits(String(value))
    );
  };
}

/** One that is no XPath, which settings and connectors do not have, finds nothing. */
function xmlFits(path: string, patterns: readonly string[]): Fits {
  const compiled = compileXPath(path);
  const fits = compileGlobs(patterns);
  return (view) => {
    const root = view.xml();
    return root !== undefined && 'xpath' in compiled && compiled.xpath.texts(root).some((text) => fits(text.trim()));
  };
}

export function compileCondition({
  status,
  headers = {},
  has,
  json = {},
  xml = {},
  contains,
  matches,
}: ResponseCondition): Fits {
  const all: Fits[] = [];
  if (status) all.push(statusFits(status));
  for (const [name, pattern] of Object.entries(headers)) all.push(headerFits(name, pattern));
  if (contains !== undefined) all.push((view) => view.text().includes(contains));
  if (matches !== undefined) {
    const pattern = new RegExp(matches, 'u');
    all.push((view) => pattern.test(view.text()));
  }
  if (has !== undefined) {
    const find = pointerFinds(has);
    all.push((view) => (find(view) ?? null) !== null);
  }
  for (const [pointer, patterns] of Object.entries(json)) all.push(jsonFits(pointer, patterns));
  for (const [path, patterns] of Object.entries(xml)) all.push(xmlFits(path, patterns));
  return (view) => all.every((fits) => fits(view));
}
