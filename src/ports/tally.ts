/** How often an event has happened. `code`: of rejections, why; `currency` and `amountMinor`: of those that tell of money. */
export type EventCount = { eventType: string; code: string; currency: string; times: number; amountMinor: number };

/** Of orders that waited for nobody (a review, their customer): how many took at most so long from being placed to being confirmed, and more than the step below; `seconds` together. All steps are told. */
export type ConfirmationCount = { upToSeconds: number; times: number; seconds: number };

/** What has happened since the first order. */
export type Counts = { events: readonly EventCount[]; confirmations: readonly ConfirmationCount[] };

/** What has happened since the first order, counted along the feed of events. */
export type Tally = {
  /** Counts the next events, each exactly once; true when there are more. Only one process at a time does anything. */
  count: (request: { limit: number }) => Promise<boolean>;
  /**
   * What is counted so far. `waitingEvents`: events with a position that are not in it yet; `waitingSeconds`: how old the first of them is.
   * `counts`: null before everything has been counted for the first time, and while nobody counts: numbers that stand still would say
   * that nothing happens.
   */
  read: () => Promise<{ waitingEvents: number; waitingSeconds: number; counts: Counts | null }>;
};
