import type { Report } from '../telemetry/events.ts';
import type { ProxySettings } from './channel.ts';

export interface HttpClientContext {
  readonly proxy: ProxySettings;
  /** The feed or pipeline that the client works for, in telemetry. */
  readonly subject: string;
  readonly report: Report;
}
