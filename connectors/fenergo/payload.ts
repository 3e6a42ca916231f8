/**
 * One notification as upstream documents it; `payload` differs from type to type. Nothing is taken for granted: each
 * field may be absent or of another kind.
 */
export interface Notification {
  readonly id?: unknown;
  /** `journey:taskcompleted` */
  readonly eventType?: unknown;
  /** RFC 3339 with 7 fraction digits. */
  readonly when?: unknown;
  readonly tenantId?: unknown;
  readonly causationId?: unknown;
  readonly correlationId?: unknown;
  /** Where the resource is, below the base URL. */
  readonly relativeUrl?: unknown;
  readonly payload?: unknown;
}
