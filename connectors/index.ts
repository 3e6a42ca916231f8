import type { AnyConnector } from '../src/core/connector.ts';
import { fenergo } from './fenergo/index.ts';

/** Every connector there is. */
export const connectors: readonly AnyConnector[] = [fenergo];
