import { sinkConformance } from '../conformance/sink.ts';
import { logHarness } from './log-sink/harness.ts';

sinkConformance(logHarness);
