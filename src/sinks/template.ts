import type { z } from 'zod';
import type { FeedName } from '../core/batch.ts';
import { BridgeError } from '../core/errors.ts';
import type { Place } from '../core/sink-type.ts';
import { text } from '../kit/scalars.ts';

/** A destination with placeholders, compiled: `{feed}`, `{pipeline}` and any attribute of the event, as in `fenergo.{feed}`. */
export interface Template extends Place {
  /** Whether the result depends on the feed alone, not on the event. */
  readonly perFeed: boolean;
}

type Part = { readonly kind: 'text'; readonly value: string } | { readonly kind: 'variable'; readonly name: string };

const variableName = /^[a-z0-9]{1,20}$/;

function parse(source: string): { readonly parts: readonly Part[] } | { readonly problem: string } {
  const parts: Part[] = [];
  for (let at = 0; at < source.length; ) {
    const start = source.indexOf('{', at);
    const end = start === -1 ? source.length : start;
    const literal = source.slice(at, end);
    if (literal.includes('}')) return { problem: 'a } has no { before it' };
    if (literal !== '') parts.push({ kind: 'text', value: literal });
    if (start === -1) break;
    const close = source.indexOf('}', start);
    if (close === -1) return { problem: 'a { is never closed' };
    const name = source.slice(start + 1, close);
    // The content of an event is no attribute: CloudEvents reserves the name.
    if (!variableName.test(name) || name === 'data') {
      return { problem: `{${name}} is neither {feed}, {pipeline} nor an event attribute such as {type}` };
    }
    parts.push({ kind: 'variable', name });
    at = close + 1;
  }
  return { parts };
}

/** The setting: text in which placeholders are well formed. */
export function template(): z.ZodType<string, string> {
  return text().check((context) => {
    const parsed = parse(context.value);
    if ('problem' in parsed) context.issues.push({ code: 'custom', message: parsed.problem, input: context.value });
  });
}

/** `source` has passed `template()`. */
export function compileTemplate(source: string, pipeline: string): Template {
  const parsed = parse(source);
  if ('problem' in parsed) throw new BridgeError('CONFIG_INVALID', `template "${source}": ${parsed.problem}`);
  const parts = parsed.parts.map(
    (part): Part => (part.kind === 'variable' && part.name === 'pipeline' ? { kind: 'text', value: pipeline } : part),
  );
  const perFeed = parts.every((part) => part.kind === 'text' || part.name === 'feed');

  function fill(feed: FeedName, attribute: (name: string) => unknown): string {
    let result = '';
    for (const part of parts) {
      if (part.kind === 'text') result += part.value;
      else if (part.name === 'feed') result += feed.slice(feed.indexOf('/') + 1);
      else {
        const value = attribute(part.name);
        if (typeof value !== 'string') {
          throw new BridgeError('EVENT_UNROUTABLE', `the event has no ${part.name}, which "${source}" needs`);
        }
        result += value;
      }
    }
    return result;
  }

  const byFeed = new Map<FeedName, string>();
  function renderFeed(feed: FeedName): string | undefined {
    if (!perFeed) return undefined;
    const known = byFeed.get(feed);
    if (known !== undefined) return known;
    const rendered = fill(feed, () => undefined);
    byFeed.set(feed, rendered);
    return rendered;
  }

  return {
    perFeed,
    renderFeed,
    // Only what the event itself carries counts, not what every object inherits: functions are refused in `fill`.
    render: (envelope, feed) => renderFeed(feed) ?? fill(feed, (name) => envelope.attributes[name]),
  };
}
