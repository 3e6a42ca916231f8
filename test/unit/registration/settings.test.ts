import { describe, expect, it } from 'vitest';
import { registrationSettings, toRegistration } from '../../../src/kit/registration-settings.ts';
import { verificationSettings } from '../../../src/kit/verification-settings.ts';
import { toWebhookArrival } from '../../../src/kit/webhook-settings.ts';
import { callbackUrl, shownUrl } from '../../../src/registration/callback-url.ts';
import { fill } from '../../../src/registration/fill.ts';

const least = { baseUrl: 'https://api.example.com', create: { path: '/hooks' } };

function complaints(settings: unknown): string {
  return JSON.stringify(registrationSettings.safeParse(settings).error?.issues ?? 'accepted');
}

describe('what stands under register', () => {
  it('needs little', () => {
    const registration = toRegistration(registrationSettings.parse(least), verificationSettings.parse('none'));
    expect(registration).toMatchObject({ create: { method: 'POST', path: 'hooks' }, everyMs: 900_000 });
    expect(Object.keys(registration)).toEqual(['endpoint', 'create', 'everyMs']);
  });

  it.each([
    [{ preset: 'os1', keys: ['new', 'old'] }, 'new'],
    [{ bearer: ['new', 'old'] }, 'new'],
    [{ basic: { username: 'u', passwords: ['new', 'old'] } }, 'new'],
    [[{ addresses: ['10.0.0.0/8'] }, { bearer: ['new'] }], 'new'],
    ['none', undefined],
    [{ addresses: ['10.0.0.0/8'] }, undefined],
  ])('takes the first secret of verify: %j', (verify, expected) => {
    const registration = toRegistration(registrationSettings.parse(least), verificationSettings.parse(verify));
    expect(registration.secret?.reveal()).toBe(expected);
  });

  it('may have a secret of its own', () => {
    const settings = registrationSettings.parse({ ...least, secret: 'own' });
    const registration = toRegistration(settings, verificationSettings.parse({ bearer: ['other'] }));
    expect(registration.secret?.reveal()).toBe('own');
  });

  it.each([
    [{ ...least, create: { path: 'hooks/{id}' } }, 'expected no {id}'],
    [{ ...least, check: { path: 'hooks/{id}' } }, 'expected `id` for {id}'],
    [{ ...least, update: { path: 'hooks', body: { id: '{id}' } } }, 'expected `id` for {id}'],
    [{ ...least, id: 'data.id' }, 'expected a JSON Pointer'],
    [{ ...least, create: { path: 'a b' } }, 'expected a path below baseUrl'],
    [{ ...least, every: '25d' }, 'expected at most 24d'],
    [{ ...least, create: { path: 'hooks', bdy: {} } }, 'Unrecognized key'],
    [{ create: { path: 'hooks' } }, 'baseUrl'],
  ])('says what is wrong with %j', (settings, expected) => {
    expect(complaints(settings)).toContain(expected);
  });
});

describe('a request', () => {
  const values = { callback: 'https://h/x?y="1"', secret: 'a"},{"b', id: '../w 1' };

  it('has its values encoded in the path', () => {
    expect(fill({ method: 'GET', path: 'hooks/{id}?to={callback}' }, values)).toMatchObject({
      path: 'hooks/..%2Fw%201?to=https%3A%2F%2Fh%2Fx%3Fy%3D%221%22',
    });
  });

  it('has them in texts of its body, wherever they are, and nowhere else', () => {
    const body = { url: '{callback}', list: [{ key: 'Bearer {secret}' }, 1, null, true], '{id}': '{other}' };
    const { body: bytes } = fill({ method: 'POST', path: 'hooks', body }, values);
    expect(JSON.parse(Buffer.from(bytes ?? '').toString())).toEqual({
      url: 'https://h/x?y="1"',
      list: [{ key: 'Bearer a"},{"b' }, 1, null, true],
      '{id}': '{other}',
    });
  });

  it('takes no value for a template', () => {
    const { body } = fill({ method: 'POST', path: 'hooks', body: '{callback}' }, { ...values, callback: '{secret}' });
    expect(Buffer.from(body ?? '').toString()).toBe('"{secret}"');
  });
});

describe('the URL that a sender is told', () => {
  const arrivalOf = (verify: unknown) =>
    toWebhookArrival(
      {
        path: '/hooks/a',
        verify: verificationSettings.parse(verify),
        challenges: [],
        answer: { status: 200, within: 1 },
        maxBody: 1,
      },
      { mediaTypes: [], keepHeaders: [], records: () => [] },
    );

  it('is publicUrl and path', () => {
    expect(callbackUrl('https://h', arrivalOf('none'))).toBe('https://h/hooks/a');
  });

  it('ends with the secret where that verifies, which people are not shown', () => {
    const verify = [{ addresses: ['::/0'] }, { secretPath: ['0123456789abcdef', 'older-than-the-first'] }];
    expect(callbackUrl('https://h/base', arrivalOf(verify))).toBe('https://h/base/hooks/a/0123456789abcdef');
    expect(shownUrl('https://h/base', arrivalOf(verify))).toBe('https://h/base/hooks/a/[secret]');
  });
});
