// Names for what the document describes, so that nobody has to write `components['schemas']['Order']`.
import type { components } from './schema.ts';

type Schemas = components['schemas'];

export type Order = Schemas['Order'];
export type OrderEvent = Schemas['Event'];
export type EventType = OrderEvent['eventType'];
export type CloudEvent = Schemas['CloudEvent'];
export type Explanation = Schemas['Explanation'];
export type Product = Schemas['Product'];
export type Refund = Schemas['Refund'];
export type Return = Schemas['Return'];
export type Shipment = Schemas['Shipment'];
export type Amendment = Schemas['Amendment'];
export type WebhookSubscription = Schemas['WebhookSubscription'];
export type WebhookDelivery = Schemas['WebhookDelivery'];
export type ReconciliationReport = Schemas['ReconciliationReport'];
export type PlaceOrder = Schemas['PlaceOrder'];
export type Erasure = Schemas['Erasure'];
export type Problem = Schemas['Problem'];
