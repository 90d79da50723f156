/** What a worker process thinks of the payment provider. `closed`: it is asked; `open`: it is left alone for a moment. */
export type ProviderState = {
  state: 'closed' | 'half-open' | 'open';
  /** ISO instant since when it is closed, or since when it is not (each probe goes through half-open). */
  since: string;
  /** Failures in a row that left an outcome unknown. */
  failures: number;
  /** What the last of them was, or null when there was none since this process runs. */
  lastFailure: string | null;
};

/** The circuit of one operation of the provider. */
export type CircuitReading = { operation: string; state: ProviderState['state'] };

export type ReportedState = ProviderState & { provider: string; worker: string };

/** The states of all worker processes, where every api can read them. */
export type ProviderStates = {
  /** Says that this worker lives and what it thinks; to be repeated, or it is forgotten. */
  report: (state: ReportedState) => Promise<void>;
  /** The states of the workers that reported lately. */
  list: () => Promise<readonly ReportedState[]>;
};
