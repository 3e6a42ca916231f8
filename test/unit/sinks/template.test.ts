import { describe, expect, it } from 'vitest';
import { createEnvelope, type Envelope } from '../../../src/core/envelope.ts';
import { BridgeError } from '../../../src/core/errors.ts';
import { compileTemplate, template } from '../../../src/sinks/template.ts';

function envelope(extra: Record<string, string> = {}): Envelope {
  return createEnvelope(
    {
      specversion: '1.0',
      id: '1',
      source: '/test',
      type: 'com.example.created',
      datacontenttype: 'application/json',
      partitionkey: 'k',
      ...extra,
    },
    { kind: 'json', bytes: Buffer.from('{}') },
  );
}

describe('a destination template', () => {
  it.each([
    ['fenergo.{feed}', 'fenergo.journey'],
    ['{pipeline}.{feed}', 'fenergo.journey'],
    ['{type}', 'com.example.created'],
    ['a{tenantid}b{feed}{feed}', 'at1bjourneyjourney'],
    ['plain', 'plain'],
  ])('renders %s', (source, expected) => {
    expect(compileTemplate(source, 'fenergo').render(envelope({ tenantid: 't1' }), 'fenergo/journey')).toBe(expected);
  });

  it('keeps a feed name that contains a slash whole after the first one', () => {
    expect(compileTemplate('{feed}', 'p').render(envelope(), 'p/a/b')).toBe('a/b');
  });

  it('never reads placeholders out of an attribute or a pipeline name', () => {
    expect(compileTemplate('{pipeline}-{type}', '{feed}').render(envelope({ type: '{feed}' }), 'p/f')).toBe(
      '{feed}-{feed}',
    );
  });

  it.each(['subject', 'constructor'])('calls an event without %s unroutable, naming template and attribute', (name) => {
    const compiled = compileTemplate(`x.{${name}}`, 'p');
    const attempt = () => compiled.render(envelope(), 'p/f');
    expect(attempt).toThrow(BridgeError);
    expect(attempt).toThrow(expect.objectContaining({ code: 'EVENT_UNROUTABLE', disposition: 'poison' }));
    expect(attempt).toThrow(new RegExp(`${name}.*"x\\.\\{${name}\\}"`));
  });

  it('knows whether the result depends on the feed alone', () => {
    const perFeed = compileTemplate('{pipeline}.{feed}', 'p');
    const perEvent = compileTemplate('{feed}.{type}', 'p');
    expect([perFeed.perFeed, perFeed.renderFeed('p/f')]).toEqual([true, 'p.f']);
    expect([perEvent.perFeed, perEvent.renderFeed('p/f')]).toEqual([false, undefined]);
  });

  it.each(['a{feed', 'a}b', '{}', '{Type}', '{a b}', '{{feed}}', '{data}', '{a-b}', ''])('refuses %j', (source) => {
    expect(template().safeParse(source).success).toBe(false);
  });

  it('accepts what it can render, and says what is wrong otherwise', () => {
    expect(template().parse('fenergo.{feed}')).toBe('fenergo.{feed}');
    expect(template().safeParse('fenergo.{feed').error?.issues[0]?.message).toContain('never closed');
  });
});
