import type { Secret } from './secret.ts';

/** What a store keeps of a content: claim checks are made of it. */
export interface Claim {
  /** What consumers find the content by: the `refs` of a directory, or `s3://BUCKET/PREFIX`, and then the name, which is SHA-256 and an extension. */
  readonly ref: string;
  /** Lower-case hex, of exactly the bytes that are kept. */
  readonly sha256: string;
  readonly length: number;
}

/** Keeps contents that are too large for events, each by its SHA-256, so that the same content is kept once. */
export interface ClaimStore extends AsyncDisposable {
  /**
   * Takes a content as it comes, in bounded memory. Durable and whole when it resolves; when it rejects, nothing is there
   * by the name of a content. Rejects with what reading the content rejects with, or with CLAIMS_UNWRITABLE, CLAIMS_FULL.
   * `mediaType`: without parameters, in lower case; the extension is made of it.
   */
  put(content: AsyncIterable<Uint8Array>, mediaType: string, signal: AbortSignal): Promise<Claim>;
}

/** How long contents are kept. Times in milliseconds. */
export interface DirectoryClaims {
  readonly kind: 'directory';
  /** Relative to the configuration file. */
  readonly dir: string;
  readonly refs: string;
  readonly keepMs: number;
  readonly maxBytes: number;
}

/** What is kept there, and how long, is for the bucket's lifecycle rules to say. */
export interface S3Claims {
  readonly kind: 's3';
  readonly bucket: string;
  /** Put before each name; empty, or it ends in a slash. */
  readonly prefix: string;
  readonly region: string;
  readonly endpoint?: string | undefined;
  readonly credentials?:
    | {
        readonly accessKeyId: string;
        readonly secretAccessKey: Secret;
        readonly sessionToken?: Secret | undefined;
      }
    | undefined;
}

export type ClaimSettings = DirectoryClaims | S3Claims;

/** Opens a store. Rejects with CLAIMS_UNWRITABLE, or CONFIG_INVALID where what it needs is not installed. */
export type OpenClaims = (settings: ClaimSettings) => Promise<ClaimStore>;
