import { expect } from 'vitest';
import type { RegistrationRecord } from '../../../src/core/registration.ts';
import type { StatePromises } from '../state.ts';
import { sampleRegistration } from './samples.ts';

export const registrationPromises: StatePromises = {
  async 'a registration is known after kill -9 and restart'({ open, writtenByKilledProcess }) {
    await writtenByKilledProcess('a registration');
    await using state = await open();
    expect(await state.registrations.list()).toEqual([sampleRegistration()]);
  },

  async 'a feed has one registration: what was set last'({ open }) {
    await using state = await open();
    const { registrations } = state;
    expect(await registrations.get('os1/callbacks')).toBeUndefined();
    const { formerId: _, ...first } = sampleRegistration();
    const last: RegistrationRecord = { ...first, status: 'withdrawn', id: '' };
    await registrations.set(sampleRegistration());
    await registrations.set(last);
    await registrations.set({ ...first, feed: 'billing/hooks' });
    expect(await registrations.get('os1/callbacks')).toEqual(last);
    expect((await registrations.list()).map(({ feed }) => feed)).toEqual(['billing/hooks', 'os1/callbacks']);
  },
};
