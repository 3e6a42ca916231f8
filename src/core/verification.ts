import type { BridgeError } from './errors.ts';
import type { Secret } from './secret.ts';
import type { ReceivedRequest, VerifiedRequest } from './webhook.ts';

/**
 * How a signature is made, as data. The text that is signed is a template: `{body}`, `{timestamp}`, `{id}`, `{method}`,
 * `{url}` stand for what the request has; the body is taken byte for byte.
 */
export interface SignatureScheme {
  readonly kind: 'signature';
  /** Where the signature is, or several of them. Lower case. */
  readonly header: string;
  /** HMAC with this hash, or a signature by an ed25519 public key. */
  readonly algorithm: 'sha1' | 'sha256' | 'sha512' | 'ed25519';
  readonly encoding: 'hex' | 'base64';
  /**
   * How the header holds it. `plain`: after a prefix, which may be empty. `list`: entries between separators, each a
   * name and a value; those of this name are signatures.
   */
  readonly layout:
    | { readonly kind: 'plain'; readonly prefix: string }
    | { readonly kind: 'list'; readonly separator: string; readonly assign: string; readonly name: string };
  readonly signed: string;
  /** Where `{timestamp}` comes from: a header, or an entry of the list. Absent: nothing is dated. */
  readonly timestamp?: {
    readonly from: { readonly header: string } | { readonly entry: string };
    readonly unit: 'seconds' | 'milliseconds' | 'rfc3339';
    /** Milliseconds that it may lie in the past or in the future. */
    readonly toleranceMs: number;
  };
  /** The header that `{id}` comes from. */
  readonly id?: string;
  /** How a key is written in the configuration. */
  readonly keyFormat: { readonly prefix: string; readonly encoding: 'utf8' | 'hex' | 'base64' };
  /** All that are live: one of them is enough. */
  readonly keys: readonly Secret[];
}

/** How it is made sure who sends. */
export type Verification =
  | SignatureScheme
  | { readonly kind: 'basic'; readonly username: string; readonly passwords: readonly Secret[] }
  | { readonly kind: 'bearer'; readonly tokens: readonly Secret[] }
  /** The last segment of the path, after that of the pipeline. */
  | { readonly kind: 'path'; readonly secrets: readonly Secret[] }
  /** By client certificate; empty lists allow every one that the listener trusts. */
  | { readonly kind: 'certificate'; readonly sha256: readonly string[]; readonly commonNames: readonly string[] }
  /** CIDR blocks or single addresses. */
  | { readonly kind: 'address'; readonly allow: readonly string[] }
  | { readonly kind: 'all'; readonly of: readonly Verification[] }
  /** Chosen on purpose: anybody may send. */
  | { readonly kind: 'nobody' };

/** What becomes of a request that is not let through. `status`: 401 or 403. */
export interface Refusal {
  readonly status: 401 | 403;
  /** SIGNATURE_WRONG, SIGNATURE_MISSING, ... For metrics and a log line: the sender is not told more than the status. */
  readonly error: BridgeError;
}

export type Verdict =
  | { readonly kind: 'verified'; readonly request: VerifiedRequest }
  /** A request that has been verified already and answered with success: it is answered so again, and not published. */
  | { readonly kind: 'replayed' }
  | { readonly kind: 'refused'; readonly refusal: Refusal };

/** Compiled once for a path. */
export interface Verifier {
  /** In constant time with regard to secrets; over the raw bytes, before anything is parsed. Never throws. */
  verify(request: ReceivedRequest): Verdict;
  /** A verified request was answered with success: seen again within its tolerance, it is a replay. */
  settled(request: VerifiedRequest): void;
}
