import { logGround } from '../log-ground.ts';
import { declareCells } from './declare-cells.ts';

declareCells('log', async () => ({ ground: await logGround() }));
