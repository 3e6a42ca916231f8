import { describe, test } from 'vitest';
import { stateConformance } from '../../conformance/state.ts';
import { sqliteStore } from './sqlite-store.ts';

describe('state in SQLite files', () => {
  for (const { name, run } of stateConformance(sqliteStore)) test(name, run);
});
