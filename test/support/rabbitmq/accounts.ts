import { manage, uniqueName } from './management.ts';
import type { StartedRabbitmq } from './started-rabbitmq.ts';

/** What an account may do, as regular expressions over names. Default: all. */
export interface Permissions {
  readonly configure?: string;
  readonly write?: string;
  readonly read?: string;
}

export interface Account {
  readonly username: string;
  readonly password: string;
}

export async function permit(
  broker: StartedRabbitmq,
  { username }: Account,
  { configure = '.*', write = '.*', read = '.*' }: Permissions,
  vhost = '/',
): Promise<void> {
  const place = `permissions/${encodeURIComponent(vhost)}/${username}`;
  await manage(broker, 'PUT', place, { configure, write, read });
}

/** A new account with these permissions in the virtual host `/`. `tags`: what it may see of the management API. */
export async function createAccount(
  broker: StartedRabbitmq,
  permissions: Permissions | 'none',
  tags = '',
): Promise<Account> {
  const account = { username: uniqueName('account'), password: uniqueName('secret') };
  await manage(broker, 'PUT', `users/${account.username}`, { password: account.password, tags });
  if (permissions !== 'none') await permit(broker, account, permissions);
  return account;
}
