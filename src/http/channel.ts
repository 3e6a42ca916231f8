import { X509Certificate } from 'node:crypto';
import { createSecureContext, getCACertificates, type SecureContext } from 'node:tls';
import { type Dispatcher, EnvHttpProxyAgent, Pool } from 'undici';
import { BridgeError } from '../core/errors.ts';
import type { Endpoint, TlsOptions } from '../core/http.ts';

/** Proxy URLs for requests to `http:` and to `https:` origins, and the hosts that are reached without one. */
export interface ProxySettings {
  readonly http?: string | undefined;
  readonly https?: string | undefined;
  /** As in NO_PROXY: names, domains, `*`, comma-separated. */
  readonly no?: string | undefined;
}

/** The way to one origin: its sockets and its limits. */
export interface Channel {
  readonly origin: string;
  readonly dispatcher: Dispatcher;
  /** Milliseconds. */
  readonly timeouts: Endpoint['timeouts'];
  readonly maxBytes: number;
}

/** `trust`: whether `tls.ca` stands alone, or besides the platform's authorities. */
export interface ChannelOptions {
  readonly endpoint: Pick<Endpoint, 'tls' | 'timeouts'>;
  readonly proxy: ProxySettings;
  readonly maxBytes: number;
  readonly trust: 'given' | 'given-and-platform';
}

/** Opens no socket yet. Throws CONFIG_INVALID for PEM texts or proxy URLs that cannot be used. */
export function openChannel(origin: string, { endpoint, proxy, maxBytes, trust }: ChannelOptions): Channel {
  const { timeouts } = endpoint;
  const secureContext = secureContextOf(endpoint.tls, trust);
  const connect = {
    allowH2: false,
    timeout: timeouts.connect,
    ...(secureContext === undefined ? {} : { secureContext }),
  };
  // Exchange keeps the time itself: exactly, and with one timer for all phases of a request.
  const limits = { headersTimeout: 0, bodyTimeout: 0, connectTimeout: timeouts.connect };
  const proxyUrl = proxyFor(origin, proxy);
  const dispatcher =
    proxyUrl === undefined
      ? new Pool(origin, { ...limits, connect })
      : new EnvHttpProxyAgent({
          ...limits,
          connect,
          requestTls: connect,
          // Both always given: what is absent would be looked up in the environment.
          httpProxy: proxyUrl,
          httpsProxy: proxyUrl,
          noProxy: proxy.no ?? '',
          // A proxy that takes a CONNECT and stays silent would hold a socket for five minutes.
          clientFactory: (url, options) => new Pool(url, { ...options, headersTimeout: timeouts.connect }),
        });
  return { origin, dispatcher, timeouts, maxBytes };
}

function secureContextOf({ ca, cert, key }: TlsOptions, trust: ChannelOptions['trust']): SecureContext | undefined {
  if (ca === undefined && cert === undefined && key === undefined) return undefined;
  if ((cert === undefined) !== (key === undefined)) {
    throw new BridgeError('CONFIG_INVALID', 'tls: cert and key belong together, and one of them is absent');
  }
  const roots = trust === 'given' ? [] : getCACertificates('default');
  try {
    // OpenSSL passes over an authority that it cannot read, and every connection would fail for it later.
    if (ca !== undefined) new X509Certificate(ca.reveal());
    return createSecureContext({
      ...(ca === undefined ? {} : { ca: [ca.reveal(), ...roots] }),
      ...(cert === undefined ? {} : { cert: cert.reveal() }),
      ...(key === undefined ? {} : { key: key.reveal() }),
    });
  } catch {
    // The cause is left out: it was made from the key.
    throw new BridgeError('CONFIG_INVALID', 'tls: ca, cert or key is not a PEM text, or the key is not that of cert');
  }
}

/** As curl does: a proxy for `http:` is not used for `https:`. A proxy without a scheme is an HTTP proxy. */
function proxyFor(origin: string, proxy: ProxySettings): string | undefined {
  const protocol = origin.startsWith('https:') ? 'https' : 'http';
  const given = proxy[protocol];
  if (given === undefined || given === '') return undefined;
  const url = given.includes('://') ? given : `http://${given}`;
  if (/^(?:https?|socks5?):\/\//i.test(url) && URL.canParse(url)) return url;
  throw new BridgeError('CONFIG_INVALID', `the proxy for ${protocol} is not a URL such as http://proxy:3128`);
}
