/** How a run stands, in Temporal's words. `other`: a state that we do not know; nothing may be concluded from it. */
export type WorkflowStatus =
  'running' | 'completed' | 'failed' | 'cancelled' | 'terminated' | 'continued' | 'timed-out' | 'other';

/** One run of a workflow. `attention`: the step it says it is parked at. Instants are ISO strings by Temporal's clock. */
export type ListedWorkflow = {
  workflowId: string;
  runId: string;
  status: WorkflowStatus;
  startedAt: string;
  closedAt: string | null;
  attention: string | null;
};

/** Which workflows there are. Faults are thrown. */
export type WorkflowList = {
  /**
   * A page of the runs of a type, in an order of Temporal's own. It is a list that lags behind (visibility): what it shows, and
   * what it does not show, must be looked at again with `describe` before anything is done about it.
   */
  list: (request: {
    type: string;
    onlyRunning?: boolean;
    startedFrom?: string;
    startedBefore?: string;
    /** The `next` of the page before; null for the first. */
    cursor: string | null;
    limit: number;
  }) => Promise<{ items: readonly ListedWorkflow[]; next: string | null }>;
  /** The newest run of a workflow as it stands now; null when Temporal knows none (any more). */
  describe: (request: { workflowId: string }) => Promise<ListedWorkflow | null>;
};
