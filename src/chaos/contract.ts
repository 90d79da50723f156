// What the control server says once a second. The console and `orders demo` read it.
import type { PartState } from '../local/chaos.ts';

/** `unknown`: a witness is away, or has not been heard of enough; never taken for `holds`. */
export type InvariantState = 'holds' | 'broken' | 'unknown';
export type Invariant = { name: string; state: InvariantState; says: string };

/** Since ever, but for `inFlight` (neither sold nor over) and `parked`, which are of now. */
export type Counters = {
  placed: number;
  confirmed: number;
  rejected: number;
  cancelled: number;
  inFlight: number;
  parked: number;
};

/** From placed to confirmed, of the orders that were confirmed within the last seconds; null without any. */
export type Latency = { orders: number; p50Ms: number | null; p95Ms: number | null };

export type LoadState = {
  ordersPerSecond: number;
  /** When it ends by itself. */
  endsAt: string | null;
  /** How many were answered with 2xx since the stack was started. */
  accepted: number;
  /** Sent, and not answered for certain yet: the same key is sent again. */
  unanswered: number;
  /** So many orders are in flight that no more are placed for the moment. */
  isHeldBack: boolean;
  /** Refused for good (4xx): not to be. */
  refused: number;
};

/** Null: nobody can say just now. */
export type Live = {
  at: string;
  counters: Counters | null;
  rates: { placedPerSecond: number; confirmedPerSecond: number } | null;
  latency: Latency | null;
  processes: PartState[];
  load: LoadState;
  /** As the simulator describes them. */
  faults: object[] | null;
  invariants: Invariant[];
};
