// Every type of event with the versions of its data: the one home of what an event says.
import type { z } from 'zod';
import type { EventType } from '../contracts/events.ts';
import { amendmentEvents } from './amendment.ts';
import { newestOf, type EventDefinition } from './definition.ts';
import { inventoryEvents } from './inventory.ts';
import { orderEvents } from './order.ts';
import { paymentEvents } from './payment.ts';
import { refundEvents } from './refund.ts';
import { returnEvents } from './return.ts';
import { reviewEvents } from './review.ts';
import { shipmentEvents } from './shipment.ts';

const definitions = {
  ...orderEvents,
  ...inventoryEvents,
  ...reviewEvents,
  ...paymentEvents,
  ...refundEvents,
  ...returnEvents,
  ...amendmentEvents,
  ...shipmentEvents,
} satisfies Record<EventType, EventDefinition>;

export const registry: Readonly<Record<EventType, EventDefinition>> = definitions;

type Last<T extends readonly unknown[]> = T extends readonly [...unknown[], infer L] ? L : never;
type ReadonlyDeep<T> = T extends readonly (infer E)[]
  ? readonly ReadonlyDeep<E>[]
  : T extends object
    ? { readonly [K in keyof T]: ReadonlyDeep<T[K]> }
    : T;

/** What is written for an event of this type: the data of its newest version. */
export type DataOf<T extends EventType> = {
  [K in T]: Last<(typeof definitions)[K]['versions']> extends { data: infer S extends z.ZodType }
    ? ReadonlyDeep<z.infer<S>>
    : never;
}[T];

export const newestVersion = (type: EventType): number => newestOf(registry[type]);
