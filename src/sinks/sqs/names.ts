import type { ErrorCode } from '../../core/errors.ts';

/** Errors as AWS names them, with or without a prefix such as `AWS.SimpleQueueService.`. What is not here goes by the status. */
const codes: Readonly<Partial<Record<ErrorCode, readonly string[]>>> = {
  DESTINATION_MISSING: ['QueueDoesNotExist', 'NonExistentQueue'],
  BROKER_NOT_AUTHORISED: ['AccessDenied', 'AccessDeniedException', 'KmsAccessDenied'],
  BROKER_AUTH_REFUSED: [
    'AuthFailure',
    'IncompleteSignature',
    'InvalidAccessKeyId',
    'InvalidClientTokenId',
    'InvalidSignatureException',
    'MissingAuthenticationToken',
    'MissingAuthenticationTokenException',
    'SignatureDoesNotMatch',
    'UnrecognizedClientException',
  ],
  BROKER_CREDENTIALS_EXPIRED: ['ExpiredToken', 'ExpiredTokenException'],
  BROKER_UNAVAILABLE: [
    'InternalError',
    'InternalFailure',
    'KmsThrottled',
    'KmsThrottling',
    'OverLimit',
    // The library has learned the right time from the answer.
    'RequestExpired',
    'RequestInTheFuture',
    'RequestThrottled',
    'RequestTimeTooSkewed',
    'ServiceUnavailable',
    'Throttling',
    'ThrottlingException',
    'TooManyRequestsException',
  ],
  DESTINATION_UNWRITABLE: ['KmsDisabled', 'KmsInvalidKeyUsage', 'KmsInvalidState', 'KmsNotFound', 'KmsOptInRequired'],
  EVENT_TOO_LARGE: ['BatchRequestTooLong', 'RequestEntityTooLarge'],
  EVENT_REFUSED: [
    'InvalidAttributeValue',
    'InvalidMessageContents',
    'InvalidParameterCombination',
    'InvalidParameterValue',
    'MissingParameter',
  ],
};

const byName: ReadonlyMap<string, ErrorCode> = new Map(
  Object.entries(codes).flatMap(([code, names]) => names.map((name) => [name, code as ErrorCode] as const)),
);

/** The name of an error without its prefixes: `KMS.DisabledException` is `KmsDisabled`. */
export function plainName(name: string): string {
  const kms = /^KMS\.(\w+?)(Exception)?$/.exec(name)?.[1];
  return kms === undefined ? name.replace(/^.*[#.]/, '') : `Kms${kms}`;
}

/** Undefined for a name that says nothing to us. */
export function codeOfName(name: string): ErrorCode | undefined {
  return byName.get(plainName(name));
}
