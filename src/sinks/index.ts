import type { AnySinkType } from '../core/sink-type.ts';
import { logSinkType } from './log/index.ts';

/** Every kind of broker. */
export const sinkTypes: readonly AnySinkType[] = [logSinkType];
