/** One place to connect to. */
export interface Host {
  readonly protocol: 'amqp' | 'amqps';
  readonly hostname: string;
  readonly port: number;
  /** As in the URL, with its escapes. Empty: the virtual host `/`. */
  readonly vhost: string;
}

function parse(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined;
}

/** What is wrong with it, without giving any of it away; undefined when it is good. */
export function problemOfUrl(text: string): string | undefined {
  const url = parse(text);
  if (!url || !/^amqps?:\/\/[^/]/.test(text) || url.hostname === '') {
    return 'expected an address such as amqps://rabbit:5671/vhost';
  }
  if (url.username !== '' || url.password !== '') return 'put username and password into settings of their own';
  if (url.search !== '' || url.hash !== '') return 'expected nothing after the virtual host';
  if (url.pathname.indexOf('/', 1) !== -1) return 'write a / in the name of a virtual host as %2F';
  try {
    decodeURIComponent(url.pathname);
  } catch {
    return 'the name of the virtual host has a % that is no escape: write it as %25';
  }
  return undefined;
}

/** `text` has passed `problemOfUrl`. */
export function hostOf(text: string): Host {
  const url = new URL(text);
  const protocol = url.protocol === 'amqps:' ? 'amqps' : 'amqp';
  const port = url.port === '' ? (protocol === 'amqps' ? 5671 : 5672) : Number(url.port);
  return { protocol, hostname: url.hostname.replaceAll(/^\[|\]$/g, ''), port, vhost: url.pathname.slice(1) };
}

/** As people write it. */
export function addressOf({ hostname, port }: Host): string {
  return hostname.includes(':') ? `[${hostname}]:${port}` : `${hostname}:${port}`;
}

/** Its name, without escapes. */
export function vhostOf({ vhost }: Host): string {
  return vhost === '' ? '/' : decodeURIComponent(vhost);
}
