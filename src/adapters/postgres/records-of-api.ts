// What the api keeps in the database: every port that its routes and loops are given, over one pool.
import type { OrderPricing } from '../../ports/pricing.ts';
import type { CrashPoints } from '../../runtime/crash-points.ts';
import { createAcceptance } from './acceptance.ts';
import { createAmendmentMarks } from './amendment-marks.ts';
import { createAmendments } from './amendment.ts';
import { createAnswerBook } from './answers.ts';
import { createApiKeys } from './api-key.ts';
import { createBackorderReading, createBackorders } from './backorder.ts';
import { createCaptureMarks } from './capture-marks.ts';
import { createCatalogue } from './catalogue.ts';
import { crashBeforeCommit } from './crash-before-commit.ts';
import type { Database } from './database.ts';
import { createErasures } from './erasure.ts';
import { createEventLog } from './events.ts';
import { createOrderActions } from './order-actions.ts';
import { createOrderCounting } from './order-counts.ts';
import { createOrderRecords } from './explanation.ts';
import { createFigures } from './figures.ts';
import { createLaunchMarks } from './launch.ts';
import { createNoticeDesk } from './notice-desk.ts';
import { createOrderReading } from './order-reading.ts';
import { createPacking } from './packing.ts';
import { createParkedSteps } from './parked-steps.ts';
import { createPaymentMethods, createPaymentNotices } from './payment-notices.ts';
import { createProviderStates } from './provider-states.ts';
import { createReconciliationReports } from './reconciliation-reports.ts';
import { createRefundMarks } from './refund-marks.ts';
import { createRefunds } from './refund.ts';
import { createResolutionAudit } from './resolution-audit.ts';
import { createManyResolutionMarks, createManyResolutions } from './resolve-many.ts';
import { createRestoreRecords } from './restore.ts';
import { createReturnMarks } from './return-marks.ts';
import { createReturns } from './return.ts';
import { createShipmentNotices } from './shipment-notices.ts';
import { createStockReading } from './stock-reading.ts';
import { createTally } from './tally.ts';
import { createWarehouses } from './warehouse.ts';
import { createWebhookSubscriptions } from './webhook.ts';

/** The names are those by which routes and loops ask for them; what has crash points is wrapped here, and nowhere else. */
export function openApiRecords({
  db,
  pricing,
  backlogLimit,
  crashPoints: { around, beforeCommit },
}: {
  db: Database;
  pricing: OrderPricing;
  /** Accepted orders that may wait for their workflow. */
  backlogLimit: number;
  crashPoints: CrashPoints;
}) {
  const crashing = crashBeforeCommit(db, beforeCommit);
  return {
    /** What requests do. */
    desk: {
      acceptance: around('acceptance', createAcceptance({ db: crashing, pricing })),
      reading: createOrderReading({ db }),
      counting: createOrderCounting({ db }),
      actions: createOrderActions({ db }),
      stockReading: createStockReading({ db }),
      events: createEventLog({ db }),
      catalogue: createCatalogue({ db }),
      warehouses: createWarehouses({ db }),
      backorders: createBackorderReading({ db }),
      records: createOrderRecords({ db }),
      parkedSteps: createParkedSteps({ db }),
      audit: createResolutionAudit({ db }),
      answers: createAnswerBook({ db }),
      launches: createLaunchMarks({ db }),
      refunds: createRefunds({ db }),
      refundMarks: createRefundMarks({ db }),
      returns: createReturns({ db }),
      returnMarks: createReturnMarks({ db }),
      amendments: createAmendments({ db, pricing }),
      amendmentMarks: createAmendmentMarks({ db }),
      resolutions: createManyResolutions({ db }),
      erasures: createErasures({ db }),
      reconciliations: createReconciliationReports({ db }),
      notices: around('notices', createPaymentNotices({ db })),
      packing: around('packing', createPacking({ db: crashing })),
      shipmentNotices: around('shipmentNotices', createShipmentNotices({ db })),
      customerNotices: createNoticeDesk({ db }),
      methods: around('methods', createPaymentMethods({ db: crashing })),
      webhooks: createWebhookSubscriptions({ db }),
      providerStates: createProviderStates({ db }),
    },
    /** What only loops and figures look at. */
    aside: {
      restore: createRestoreRecords({ db }),
      resolutionMarks: createManyResolutionMarks({ db }),
      captureMarks: createCaptureMarks({ db }),
      backordersToTell: around('backorders', createBackorders({ db: crashing })),
      tally: createTally({ db }),
      figures: createFigures({ db, backlogLimit }),
      apiKeys: createApiKeys({ db }),
    },
  };
}
