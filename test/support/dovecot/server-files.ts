import { writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';

export interface DovecotSettings {
  readonly port: number;
  /** PEM files: with them STARTTLS is offered. */
  readonly tls?: { readonly cert: string; readonly key: string; readonly port: number } | undefined;
  /** More lines of dovecot.conf. */
  readonly lines?: readonly string[] | undefined;
}

/** As root its processes change to these users; as anybody else they stay who they are. */
function users(): readonly string[] {
  const { uid, username } = userInfo();
  if (uid === 0) {
    return [
      'default_login_user = dovenull',
      'default_internal_user = dovecot',
      'mail_uid = nobody',
      'mail_gid = nogroup',
    ];
  }
  const chroots = ['anvil', 'imap-login', 'log', 'stats'].map((name) => `service ${name} {\n  chroot =\n}`);
  return [
    `default_login_user = ${username}`,
    `default_internal_user = ${username}`,
    `default_internal_group = ${userInfo().gid}`,
    `mail_uid = ${uid}`,
    `mail_gid = ${userInfo().gid}`,
    'first_valid_uid = 1',
    ...chroots,
  ];
}

/** Writes the configuration of a server on loopback that lets anybody in with the password `secret`. Gives its path. */
export async function writeServerFiles(dir: string, { port, tls, lines = [] }: DovecotSettings): Promise<string> {
  const mail = join(dir, 'mail', '%u');
  const file = join(dir, 'dovecot.conf');
  const text = [
    `base_dir = ${join(dir, 'run')}`,
    `state_dir = ${join(dir, 'state')}`,
    'log_path = /dev/stderr',
    'protocols = imap',
    'listen = 127.0.0.1',
    ...(tls ? ['ssl = yes', `ssl_cert = <${tls.cert}`, `ssl_key = <${tls.key}`, 'ssl_dh ='] : ['ssl = no']),
    'disable_plaintext_auth = no',
    'auth_mechanisms = plain login',
    ...users(),
    'first_valid_uid = 1',
    `mail_location = maildir:${mail}`,
    'mail_fsync = never',
    'passdb {\n  driver = static\n  args = password=secret\n}',
    `userdb {\n  driver = static\n  args = home=${mail} allow_all_users=yes\n}`,
    `service imap-login {\n  inet_listener imap {\n    port = ${port}\n  }\n  inet_listener imaps {\n    port = ${tls?.port ?? 0}\n  }\n}`,
    'namespace inbox {\n  inbox = yes\n  separator = /\n}',
    ...lines,
    '',
  ];
  await writeFile(file, text.join('\n'));
  return file;
}
