import type { Scene } from '../scene.ts';
import { answerLost } from './answer-lost.ts';
import { cancelled } from './cancelled.ts';
import { declined } from './declined.ts';
import { flashSale } from './flash-sale.ts';
import { happy } from './happy.ts';
import { providerDown } from './provider-down.ts';
import { sameKey } from './same-key.ts';
import { workerKilled } from './worker-killed.ts';

/** All of them, in the order in which they are shown. */
export const scenes: readonly Scene[] = [
  happy,
  sameKey,
  declined,
  flashSale,
  answerLost,
  workerKilled,
  providerDown,
  cancelled,
];
