import type { EventEnvelope, EventType } from '../contracts/events.ts';
import type { DeliveryState, WebhookFormat } from '../domain/webhook.ts';

/** What a subscription asks for. `eventTypes`: null for all. */
export type WebhookWish = {
  url: string;
  eventTypes: readonly EventType[] | null;
  format: WebhookFormat;
  description: string | null;
  isPaused: boolean;
};

/** Instants are ISO strings. `position`: up to where the feed is divided into deliveries. */
export type WebhookSubscription = WebhookWish & {
  id: string;
  position: number;
  pending: number;
  parked: number;
  failingSince: string | null;
  createdAt: string;
  updatedAt: string;
};

export type WebhookDelivery = {
  id: number;
  eventId: string;
  eventType: EventType;
  orderId: string;
  position: number;
  /** 0 the first time; which of the repeats otherwise. */
  replay: number;
  state: DeliveryState;
  attempts: number;
  status: number | null;
  failure: string | null;
  attemptedAt: string | null;
  settledAt: string | null;
  decidedBy: string | null;
  reason: string | null;
  createdAt: string;
};

type Named = { tenant: string; id: string };
type Decision = Named & { delivery: number; actor: string; reason: string };
export type DeliveryDecision = { delivery: WebhookDelivery } | { refused: 'unknown' | 'state'; state?: DeliveryState };

/** A secret that messages are signed with: `whsec_…`. `until`: null, or when it is not used any more. */
export type WebhookSecret = { secret: string; until: string | null };

/** Subscriptions and deliveries of a shop, as its operators see them. */
export type WebhookSubscriptions = {
  /** `after`: the position behind which it begins; null: only what comes from now on. */
  create: (
    request: WebhookWish & { tenant: string; secret: string; after: number | null },
  ) => Promise<WebhookSubscription | { tooMany: number }>;
  list: (request: { tenant: string }) => Promise<readonly WebhookSubscription[]>;
  find: (request: Named) => Promise<WebhookSubscription | null>;
  /** Null: there is none. What was to be sent before goes to the new URL. */
  replace: (request: WebhookWish & Named) => Promise<WebhookSubscription | null>;
  /** With all of its deliveries. False: there is none. */
  remove: (request: Named) => Promise<boolean>;
  /** Signs with a new secret from now on, and with the one before too for a while. Null: there is none. */
  rotateSecret: (request: Named & { secret: string; overlapMs: number }) => Promise<{ previousUntil: string } | null>;
  /** What messages to it are signed with now. */
  findTarget: (request: Named) => Promise<(WebhookTarget & { now: string }) | null>;
  /** Tells a range of positions once more, behind what waits. Null: there is none. */
  replay: (request: Named & { after: number; through: number }) => Promise<{ replay: number } | null>;
  listDeliveries: (
    request: Named & { state: DeliveryState | null; orderId: string | null; before: number | null; limit: number },
  ) => Promise<readonly WebhookDelivery[] | null>;
  /** Sends it (again) as soon as it can be: a parked one in its place, one that is over behind what waits. */
  resend: (request: Decision) => Promise<DeliveryDecision>;
  /** Takes a parked one out of the way of those behind it. */
  skip: (request: Decision) => Promise<DeliveryDecision>;
};

/** Where to, and what it is signed with, all of which are valid. */
export type WebhookTarget = { url: string; secrets: readonly string[] };

/** Deliveries of one order to one subscription, to be made one after the other. */
export type WebhookLane = {
  subscriptionId: string;
  orderId: string;
  /** The trace that the order was placed in. Absent: there is none. */
  traceparent?: string | null;
  claim: string;
  target: WebhookTarget;
  format: WebhookFormat;
  /** By the database's clock: messages carry when they were sent, and are refused where that is not so. */
  claimedAt: string;
  deliveries: readonly { id: number; attempts: number; event: EventEnvelope }[];
};

/** How one try ended. `retryAfterMs`: what the subscriber asked for. */
export type WebhookAnswer =
  | { isDelivered: true; status: number }
  | { isDelivered: false; status: number | null; failure: string; retryAfterMs: number | null };

export type SettledLane = {
  lane: WebhookLane;
  /** In their order; the last of them may have failed, and none after that was tried. */
  answers: readonly { id: number; answer: WebhookAnswer }[];
  /** After a failure: when to try again; null: it parks. */
  retryInMs: number | null;
};

/** Deliveries as whoever makes them sees them. Every process may: the rows say who is at what. */
export type WebhookWork = {
  /** Whether anybody is to be told anything. */
  hasWork: () => Promise<boolean>;
  /** Divides the next events of one feed into deliveries. Answers whether there may be more. */
  feed: (request: { limit: number }) => Promise<boolean>;
  /**
   * Lanes that are due: so many that of each subscription no more than `perSubscription` are with this process, where `underWay` says how
   * many are; and `atMost` in all. Whoever does not settle one within `leaseMs` is taken for dead.
   */
  claim: (request: {
    perSubscription: number;
    atMost: number;
    perLane: number;
    leaseMs: number;
    /** How often one that is ill is asked. */
    probeMs: number;
    underWay: Readonly<Record<string, number>>;
  }) => Promise<readonly WebhookLane[]>;
  settle: (request: SettledLane) => Promise<void>;
  /** Forgets deliveries that were over so long ago. Answers whether there may be more. */
  forget: (request: { olderThanMs: number; limit: number }) => Promise<boolean>;
};

/** Sends one message, signed. Never throws for what the subscriber does. */
export type WebhookSender = {
  send: (request: {
    target: WebhookTarget;
    messageId: string;
    at: Date;
    contentType: string;
    body: string;
  }) => Promise<WebhookAnswer>;
};
