/** Where things stand just now, as rows say it; counts that could be large are cut at a limit. Ages in seconds. */
export type Standing = {
  /** Steps that wait for a person now, by name. */
  parked: readonly { step: string; count: number; oldestSeconds: number }[];
  /** Accepted orders that wait for their workflow, up to one more than may; `oldestSeconds` null where there is none. */
  unlaunched: { count: number; oldestSeconds: number | null };
  /** The feed: its last position, and events that have none yet. */
  feed: { position: number; unnumbered: number; oldestSeconds: number | null };
  comparison: Comparison;
  /** Where events go to, by exchange. */
  brokers: readonly BrokerStanding[];
};

/** What is known of comparisons of the books that were no dry runs. */
export type Comparison = {
  /** Whether the last one that is over has failed; null when there was none. */
  hasFailed: boolean | null;
  /** How long ago the last one ended that could be finished; null when there was none, or long ago. */
  completeSeconds: number | null;
  /** That one found more than a report holds: what it did not come to was not looked at. */
  isTruncated: boolean;
  /** What that one has found. */
  drifts: readonly { name: string; outcome: string; count: number }[];
  /** Products of a warehouse whose stock does not add up. */
  unsoundProducts: number;
  /** How often they are to be compared, and since when that is so; null: only when somebody asks for it. */
  intervalSeconds: number | null;
  scheduledSeconds: number | null;
};

/** How far a message broker is behind the feed: since when the first event waits that it has not confirmed; 0 where none does. */
export type BrokerStanding = { exchange: string; lagSeconds: number };

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
export type Figures = {
  read: () => Promise<Standing>;
  /**
   * Of the subscriptions that are not paused, the worst first. By itself: where many subscribers are far behind it takes longest, and
   * must not take the others with it.
   */
  readWebhooks: () => Promise<readonly WebhookStanding[]>;
};

/** What waits in one of Temporal's task queues. */
export type QueueStanding = {
  queue: string;
  kind: 'workflow' | 'activity';
  backlog: number;
  /** Of the oldest task that waits; 0 where none does. */
  oldestSeconds: number;
  /** Processes that have asked it for work lately. */
  pollers: number;
};

/** What monitoring shows of Temporal. Throws when it does not answer in time. */
export type TaskQueues = { read: () => Promise<readonly QueueStanding[]> };
