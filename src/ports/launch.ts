import type { OnShortage } from '../domain/backorder.ts';
import type { CapturePolicy } from '../domain/capture.ts';
import type { OrderInput, PlacedRecord } from '../contracts/process-order.ts';

/** An accepted order whose workflow is to be started. `bounds` are not kept with it: they are the starter's settings. */
export type LaunchableOrder = Omit<
  OrderInput,
  'bounds' | 'itemCount' | 'record' | 'ships' | 'onShortage' | 'capture'
> & {
  /** Something of it is to be shipped. */
  ships: boolean;
  /** What it wants where there is too little stock. */
  onShortage: OnShortage;
  /** Whether it is paid at once or as it ships. */
  capture: CapturePolicy;
  customerId: string;
  /** The trace that it was placed in, for its workflow to go on. Absent: there is none. */
  traceparent?: string | null;
  itemCount: number;
  /** What its row could be rebuilt from; null when no key of a client is bound to it (a recovery found it taken). */
  record: PlacedRecord | null;
  /** How long the order itself wants to wait for another payment method; null: as configured. */
  paymentRetryMinutes: number | null;
};

/** The marks of open orders, each saying when to look whether its workflow runs. */
export type LaunchMarks = {
  /** Takes up to `limit` due marks for this process and defers them, so that two processes do not start the same ones. */
  claimDue: (request: { limit: number }) => Promise<readonly LaunchableOrder[]>;
  /** What the order is started with, whatever its mark says; null when it is closed. */
  findOpen: (request: { orderId: string }) => Promise<LaunchableOrder | null>;
  /** The order's workflow is known to be running: it is not looked for again for a while. */
  noteRunning: (request: { orderId: string }) => Promise<void>;
  /** Marks an open order again whose workflow is gone, so that it is started anew. */
  markAgain: (request: { orderId: string }) => Promise<void>;
  /** How many accepted orders no workflow has touched yet, counted up to `atMost`. */
  countWaiting: (request: { atMost: number }) => Promise<number>;
};

/** Starts workflows. `running`: it is (or already was) at work; throws when Temporal can not be asked. */
export type OrderStarter = {
  /** Starts the order's workflow unless one runs; a repeat starts no second. */
  start: (order: LaunchableOrder) => Promise<'started' | 'running'>;
};
