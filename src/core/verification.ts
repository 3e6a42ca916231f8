import type { BridgeError } from './errors.ts';
import type { Secret } from './secret.ts';
import type { ReceivedRequest, VerifiedRequest } from './webhook.ts';

/** How a key is written in the configuration, and what becomes of it before it signs. */
export interface KeyFormat {
  /** Stands before the key, and is no part of it; a key may be written without it. */
  readonly prefix: string;
  /** `pem` is for public keys; one in another encoding is the 32 bytes themselves. */
  readonly encoding: 'utf8' | 'hex' | 'base64' | 'pem';
  /** The key that signs is the SHA-256 of this one: its bytes, or their lower-case hex. */
  readonly derive: 'none' | 'sha256' | 'sha256-hex';
}

/** Who signs, and how what is signed is told from other things in the header. */
export interface Signer {
  /** What stands before its signature (may be empty); in a list the name of its entries. */
  readonly label: string;
  /** HMAC with this hash, or a signature by an ed25519 key, whose public half is known here. */
  readonly algorithm: 'sha1' | 'sha256' | 'sha512' | 'ed25519';
  /** Of signatures. Hex in any case; base64 with its padding or without. */
  readonly encoding: 'hex' | 'base64' | 'base64url';
  readonly keyFormat: KeyFormat;
  /** All that are live: a signature by one of them is enough. */
  readonly keys: readonly Secret[];
}

/**
 * How a signature is made, as data. The text that is signed is a template: `{body}` stands for the body byte for byte,
 * `{timestamp}` and `{id}` for what the request has, `{method}`, `{target}` (path and query as sent) and `{url}`
 * (`urlBase` and target) for what was asked.
 */
export interface SignatureScheme {
  readonly kind: 'signature';
  /** Where the signature is, or several of them. Lower case. */
  readonly header: string;
  /** `plain`: the header is one signature. `list`: entries between separators, each a name and a value. */
  readonly layout:
    | { readonly kind: 'plain' }
    | { readonly kind: 'list'; readonly separator: string; readonly assign: string };
  /** A signature by one of them is enough. */
  readonly signers: readonly Signer[];
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
  /** What `{url}` begins with: scheme, host, and what a proxy takes off the path. */
  readonly urlBase?: string;
}

/** How it is made sure who sends. */
export type Verification =
  | SignatureScheme
  | { readonly kind: 'basic'; readonly username: string; readonly passwords: readonly Secret[] }
  /** A token in `Authorization: Bearer`; with `header`, alone in that one. */
  | { readonly kind: 'bearer'; readonly header?: string; readonly tokens: readonly Secret[] }
  /** The last segment of the path, after that of the pipeline. */
  | { readonly kind: 'path'; readonly secrets: readonly Secret[] }
  /** By client certificate, which has to be in each list that is not empty. */
  | { readonly kind: 'certificate'; readonly sha256: readonly string[]; readonly commonNames: readonly string[] }
  /** CIDR blocks or single addresses. */
  | { readonly kind: 'address'; readonly allow: readonly string[] }
  | { readonly kind: 'all'; readonly of: readonly Verification[] }
  /** Chosen on purpose: anybody may send. */
  | { readonly kind: 'nobody' };

/** What becomes of a request that is not let through. */
export interface Refusal {
  readonly status: 401 | 403;
  /** What `WWW-Authenticate` says, where HTTP has a word for it. */
  readonly authenticate?: string;
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
  /**
   * A verified request was answered with success: seen again within its tolerance, it is a replay. The last 65,536 at
   * least are remembered; what was never dated is none.
   */
  settled(request: VerifiedRequest): void;
}
