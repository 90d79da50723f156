/** Where things stand just now, as rows say it; counts that could be large are cut at a limit. Ages in seconds. */
export type Standing = {
  /** Steps that wait for a person now, by name. */
  parked: readonly { step: string; count: number; oldestSeconds: number }[];
  /** Accepted orders that wait for their workflow; `oldestSeconds` null where there is none. */
  unlaunched: { count: number; oldestSeconds: number | null };
  /** The feed: its last position, and events that have none yet. */
  feed: { position: number; unnumbered: number; oldestSeconds: number | null };
  /** The last comparison of the books that was no dry run and is over; null when there was none. */
  comparison: Comparison | null;
  /** Of the subscriptions that are not paused, those behind the most first. */
  webhooks: readonly WebhookStanding[];
};

/** `completeSeconds`: how long ago the last one ended that could be finished; null when there was none, or long ago. */
export type Comparison = {
  hasFailed: boolean;
  completeSeconds: number | null;
  /** What that one has found. */
  drifts: readonly { name: string; outcome: string; count: number }[];
  /** Products of a warehouse whose stock does not add up. */
  unsoundProducts: number;
};

/** How far one subscription is behind. */
export type WebhookStanding = {
  subscriptionId: string;
  /** Since when its oldest message waits, or the oldest event that was not divided into messages yet. */
  lagSeconds: number;
  pending: number;
  parked: number;
  /** Since when it fails; 0 while it answers. */
  failingSeconds: number;
};

/** What monitoring shows of the rows. */
export type Figures = { read: () => Promise<Standing> };

/** What waits in one of Temporal's task queues. */
export type QueueStanding = {
  queue: string;
  kind: 'workflow' | 'activity';
  backlog: number;
  /** Of the oldest task that waits; 0 where none does. */
  oldestSeconds: number;
  /** Processes that take work from it. */
  pollers: number;
};

/** What monitoring shows of Temporal. Throws when it does not answer in time. */
export type TaskQueues = { read: () => Promise<readonly QueueStanding[]> };
