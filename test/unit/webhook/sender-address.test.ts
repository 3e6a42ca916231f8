import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { requestIdOf, traceparentOf } from '../../../src/http/server/request-marks.ts';
import { type ForwardedHeader, senderAddress } from '../../../src/http/server/sender-address.ts';

const proxies = ['10.0.0.0/8', '2001:db8::/32'];

describe('the address of a sender', () => {
  it.each<[ForwardedHeader, string, string, string]>([
    ['x-forwarded-for', '203.0.113.7', '10.0.0.1', '203.0.113.7'],
    ['x-forwarded-for', '1.2.3.4, 203.0.113.7, 10.9.9.9', '10.0.0.1', '203.0.113.7'],
    ['x-forwarded-for', '203.0.113.7:4711', '10.0.0.1', '203.0.113.7'],
    ['x-forwarded-for', '[2001:db9::7]:4711', '10.0.0.1', '2001:db9::7'],
    ['x-forwarded-for', '2001:db9::7', '::ffff:10.0.0.1', '2001:db9::7'],
    ['x-forwarded-for', '203.0.113.7', '192.0.2.1', '192.0.2.1'],
    ['x-forwarded-for', 'unknown', '10.0.0.1', '10.0.0.1'],
    ['x-forwarded-for', '1.2.3.4, nonsense', '10.0.0.1', '10.0.0.1'],
    ['x-forwarded-for', '10.1.1.1', '10.0.0.1', '10.1.1.1'],
    ['forwarded', 'for=203.0.113.7;proto=https;by=10.0.0.1', '10.0.0.1', '203.0.113.7'],
    ['forwarded', 'For="[2001:db9::7]:4711", for=10.2.2.2', '10.0.0.1', '2001:db9::7'],
    ['forwarded', 'for=_hidden, for=10.2.2.2', '10.0.0.1', '10.2.2.2'],
    ['forwarded', 'proto=https', '10.0.0.1', '10.0.0.1'],
  ])('by %s: %s from %s is %s', (header, value, peer, address) => {
    expect(senderAddress(proxies, header)(peer, { [header]: value })).toBe(address);
  });

  it('is that of the connection where no proxy is trusted, and only the chosen header is read', () => {
    expect(senderAddress([], 'x-forwarded-for')('::ffff:192.0.2.1', { 'x-forwarded-for': '1.2.3.4' })).toBe(
      '192.0.2.1',
    );
    expect(senderAddress(proxies, 'x-forwarded-for')('10.0.0.1', { forwarded: 'for=1.2.3.4' })).toBe('10.0.0.1');
  });

  it('is never one that a stranger has made up, whatever is written into the header', () => {
    fc.assert(
      fc.property(
        fc.string({ maxLength: 80 }),
        fc.constantFrom<ForwardedHeader>('x-forwarded-for', 'forwarded'),
        (text, header) => {
          // The stranger's own address is what the proxy has added.
          const added = header === 'forwarded' ? `${text}, for=203.0.113.7` : `${text}, 203.0.113.7`;
          expect(senderAddress(proxies, header)('10.0.0.1', { [header]: added })).toBe('203.0.113.7');
          expect(senderAddress(proxies, header)('203.0.113.7', { [header]: text })).toBe('203.0.113.7');
        },
      ),
    );
  });
});

describe('the marks of a request', () => {
  it('are the sender’s own id where it fits into a header, else a new one', () => {
    expect(requestIdOf({ 'x-request-id': 'abc-1' })).toBe('abc-1');
    for (const id of ['', 'a b', 'x'.repeat(129), 'é'])
      expect(requestIdOf({ 'x-request-id': id })).toMatch(/^[0-9a-f-]{36}$/);
    expect(requestIdOf({})).not.toBe(requestIdOf({}));
  });

  it('are a trace only where it is one', () => {
    const trace = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    expect(traceparentOf({ traceparent: trace })).toBe(trace);
    expect(traceparentOf({ traceparent: `01${trace.slice(2)}-more` })).toBe(`01${trace.slice(2)}-more`);
    const none = [
      `${trace}-more`,
      '',
      `ff${trace.slice(2)}`,
      trace.toUpperCase(),
      trace.replace(/0af\w+9c/, '0'.repeat(32)),
      `${trace}, ${trace}`,
    ];
    for (const traceparent of none) expect(traceparentOf({ traceparent })).toBeUndefined();
  });
});
