import type { RecordedAnswer } from '../ports/acceptance.ts';
import type { Order } from '../ports/order.ts';
import type { PaymentProvider, PaymentRecords } from '../ports/payment.ts';
import type { OrderHistories, Recovery, RecoveryRecords } from '../ports/recovery.ts';
import type { OrderWitnesses, RestoreRecords } from '../ports/restore.ts';
import type { WorkflowList } from '../ports/workflow-list.ts';
import type { Report } from './report.ts';

export type RecoveryPorts = {
  state: RestoreRecords;
  witnesses: OrderWitnesses;
  workflows: Pick<WorkflowList, 'list'>;
  histories: OrderHistories;
  provider: PaymentProvider;
  payments: PaymentRecords;
  records: RecoveryRecords;
  render: (order: Order) => RecordedAnswer;
  /** Resolves after so many milliseconds. */
  wait: (ms: number) => Promise<unknown>;
};
export type RecoveryOptions = {
  /** Nothing is written, and no workflow is ended. */
  dryRun: boolean;
  /** For a new database beside an old Temporal: what Temporal has is given up. */
  forget: boolean;
};

/** A recovery under way. `since`: from when something may be missing here. */
export type Run = RecoveryPorts & RecoveryOptions & { recovery: Recovery; report: Report; since: string };
