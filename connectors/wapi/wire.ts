import type { HttpRequest } from '../../src/core/http.ts';
import { canonicalXml } from '../../src/kit/xml/canonical.ts';
import type { XmlElement, XmlNode } from '../../src/kit/xml/tree.ts';
import { type Account, authOf, type Moment } from './auth.ts';

/** Below the base URL. */
export const xmlPath = 'wapi/xml';

export function element(name: string, ...children: readonly XmlNode[]): XmlElement {
  return { name, attributes: new Map(), children: children.filter((child) => child !== '') };
}

/** A command as WAPI takes it, with who asks. `others`: what else stands in the request. */
export function commandRequest(account: Account, moment: Moment, others: readonly XmlNode[]): HttpRequest {
  const xml = canonicalXml(
    element('request', element('user', account.user), element('auth', authOf(account, moment)), ...others),
  );
  return {
    method: 'POST',
    path: xmlPath,
    headers: { accept: 'application/xml', 'content-type': 'application/x-www-form-urlencoded' },
    body: Buffer.from(new URLSearchParams({ request: xml }).toString()),
  };
}
