// The few shapes of the API that the console reads, as /openapi.json describes them.

export type Config = {
  auth: 'off' | 'keys';
  simulatorUrl: string | null;
  canLoseAnswers: boolean;
};
export type Caller = { tenant: string; actor: string; scopes: string[] };
export type Page<T> = { items: T[]; nextCursor: string | null };
export type Units = { sku: string; quantity: number };

export type Product = {
  sku: string;
  name: string;
  priceMinor: number;
  currency: string;
  onHand: number;
  reserved: number;
  warehouses: { warehouse: string; onHand: number; reserved: number }[];
};

export type Shipment = {
  number: number;
  warehouse: string;
  status: string;
  trackingNumber: string | null;
  items: Units[];
  waiting: { for: string; until: string | null } | null;
};
export type Refund = {
  number: number;
  amountMinor: number;
  currency: string;
  state: string;
  reason: string;
  actor: string;
  requestedAt: string;
};
export type Return = {
  number: number;
  status: string;
  reason: string;
  actor: string;
  until: string | null;
  items: (Units & { restocked: number; writtenOff: number })[];
  noRefund: string | null;
};
export type Amendment = {
  number: number;
  state: string;
  reason: string;
  actor: string;
  currency: string;
  before: { totalMinor: number };
  after: { totalMinor: number };
  refusal: { message: string } | null;
};

export type Order = {
  id: string;
  status: string;
  attention: { step: string; reason: string; since: string } | null;
  waiting: { for: string; until: string | null } | null;
  customerId: string;
  currency: string;
  totalMinor: number;
  totals: { linesMinor: number; discountMinor: number; shippingMinor: number; taxMinor: number; taxIncluded: boolean };
  items: (Units & { name: string; unitPriceMinor: number; shippedQuantity: number; deliveredQuantity: number })[];
  payment: {
    state: string;
    authorizedMinor: number;
    capturedMinor: number;
    refundedMinor: number;
    disputedMinor: number;
    declineCode?: string;
  };
  rejection: { code: string; message: string } | null;
  refunds: Refund[];
  amendments?: Amendment[];
  shipments: Shipment[];
  returns: Return[];
  correlationId: string;
  placedAt: string;
  updatedAt: string;
  links: { temporal: string };
};

export type FailedTry = { step: string; attempt: number; at: string; message: string; nextTryAt: string | null };

export type Explanation = {
  summary: string;
  happened: { at: string | null; sentence: string }[];
  waitingFor: { what: string; until: string | null } | null;
  mustAct: { who: string; how: string };
  attempts: FailedTry[];
  nextRetry: { step: string; attempt: number; at: string | null } | null;
  parked: { step: string; atStake: { sentence: string } }[];
  money: { balanceMinor: number; toRefundMinor: number; mayBeCapturedMinor: number; sentence: string };
  stock: { heldUnits: number | null; soldUnits: number; holdUntil: string | null; sentence: string };
  notAsked: string[];
};

export type Envelope = {
  eventId: string;
  eventType: string;
  timestamp: string;
  sequence: number;
  position: number | null;
  data: Record<string, unknown>;
  metadata: { correlationId: string; causationId: string | null };
};

export type Action = {
  name: string;
  scope: string;
  allowed: boolean;
  whyNot: string | null;
  number?: number;
  parked?: {
    step: string;
    reason: string;
    since: string;
    workflowId: string;
    choices: string[];
    valueToSkip: string | null;
  };
  leftMinor?: number;
  units?: Units[];
};

export type Counts = {
  atMost: number;
  statuses: Record<string, number>;
  parked: number;
  waiting: Record<string, number>;
  parkedSteps: { step: string; count: number; oldestSince: string }[];
};
