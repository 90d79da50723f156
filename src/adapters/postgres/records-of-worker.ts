// What the worker's activities and loops keep in the database: every port that they are given.
import type { ReviewRules } from '../../domain/review.ts';
import type { CrashPoints } from '../../runtime/crash-points.ts';
import { createAmendmentRecords } from './amendment-work.ts';
import { createAttemptLog } from './attempts.ts';
import { createBackorderSteps } from './backorder-wait.ts';
import { createCaptureRecords } from './capture.ts';
import { crashBeforeCommit } from './crash-before-commit.ts';
import type { Database } from './database.ts';
import { createErasureWork } from './erasure-work.ts';
import { createEventLog } from './events.ts';
import { createInventory } from './inventory.ts';
import { createOrderSteps } from './order.ts';
import { createPaymentRecords } from './payment.ts';
import { createProviderStates } from './provider-states.ts';
import { createReconciliationBooks } from './reconciliation-books.ts';
import { createReconciliationMarks } from './reconciliation-reports.ts';
import { createReconciliationWork } from './reconciliation.ts';
import { createRefundRecords } from './refund-work.ts';
import { createManyResolutionWork } from './resolve-many-work.ts';
import { createRestoreRecords } from './restore.ts';
import { createReturnRecords } from './return-work.ts';
import { createShipmentRecords } from './shipment.ts';
import { createWebhookWork } from './webhook-work.ts';

type Options = {
  db: Database;
  /** Of what is sent to subscribers. */
  webhookDb: Database;
  reviewRules: ReviewRules | null;
  authorizationMarginMs: number;
  crashPoints: CrashPoints;
};

/** What has crash points is wrapped here, and nowhere else. */
export function openWorkerRecords({ db, webhookDb, reviewRules, authorizationMarginMs, crashPoints }: Options) {
  const { around, beforeCommit } = crashPoints;
  const crashing = crashBeforeCommit(db, beforeCommit);
  return {
    /** What activities do. */
    steps: {
      inventory: around('inventory', createInventory({ db: crashing, reviewRules })),
      payments: around('payments', createPaymentRecords({ db: crashing, authorizationMarginMs })),
      captures: around('captures', createCaptureRecords({ db: crashing, authorizationMarginMs })),
      orders: around('orders', createOrderSteps({ db: crashing })),
      refunds: around('refunds', createRefundRecords({ db: crashing })),
      returns: around('returns', createReturnRecords({ db: crashing })),
      amendments: around('amendments', createAmendmentRecords({ db: crashing })),
      shipments: around('shipments', createShipmentRecords({ db: crashing })),
      backorders: around('backorderSteps', createBackorderSteps({ db: crashing })),
      reconciliation: around('reconciliation', createReconciliationWork({ db: crashing })),
      books: createReconciliationBooks({ db }),
      manyResolutions: createManyResolutionWork({ db }),
      attempts: createAttemptLog({ db }),
    },
    /** What loops do. */
    loops: {
      restore: createRestoreRecords({ db }),
      events: createEventLog({ db }),
      providerStates: createProviderStates({ db: crashing }),
      erasureWork: around('erasureWork', createErasureWork({ db: crashing })),
      reconciliationMarks: createReconciliationMarks({ db }),
      webhookWork: around('webhookWork', createWebhookWork({ db: crashBeforeCommit(webhookDb, beforeCommit) })),
    },
  };
}
