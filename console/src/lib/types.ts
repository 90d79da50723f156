// The shapes of the API that the console reads, as its document describes them; and what the console is told of where it runs.
import type { components } from '../../../clients/typescript/src/schema.ts';
import type { OrderEvent } from '../../../clients/typescript/src/shapes.ts';

type Schemas = components['schemas'];

export type { Explanation, Order, Product } from '../../../clients/typescript/src/shapes.ts';
export type { Page } from '../../../clients/typescript/src/paging.ts';
export type Envelope = OrderEvent;
export type Caller = Schemas['Caller'];
export type Counts = Schemas['OrderCounts'];
export type Action = Schemas['OrderActions']['items'][number];
export type FailedTry = Schemas['Explanation']['attempts'][number];
export type Units = { sku: string; quantity: number };
/** /console/config.json: what the page has to know before any key. */
export type Config = {
  auth: 'off' | 'keys';
  simulatorUrl: string | null;
  canLoseAnswers: boolean;
  chaos: { url: string; token: string } | null;
};
