import type { AnyConnector } from '../src/core/connector.ts';
import { asyncSession } from './async-session/index.ts';
import { fenergo } from './fenergo/index.ts';
import { gini } from './gini/index.ts';
import { os1 } from './os1/index.ts';
import { sse } from './sse/index.ts';
import { wapi } from './wapi/index.ts';
import { webhook } from './webhook/index.ts';

/** Every connector there is. */
export const connectors: readonly AnyConnector[] = [fenergo, os1, asyncSession, gini, wapi, sse, webhook];
