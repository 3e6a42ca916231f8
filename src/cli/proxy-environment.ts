import type { ProxySettings } from '../http/channel.ts';

/** The customary variables; lower case wins, as with curl, and HTTP_PROXY in upper case counts too. */
export function proxyFromEnvironment(env: Readonly<Record<string, string | undefined>>): ProxySettings {
  const of = (name: string): string | undefined => env[name] || env[name.toUpperCase()] || undefined;
  const all = of('all_proxy');
  return { http: of('http_proxy') ?? all, https: of('https_proxy') ?? all, no: of('no_proxy') };
}
