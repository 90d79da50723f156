// What the routes of operators need, over a real PostgreSQL, with a Temporal that is away.
import { createConfiguredPricing } from '../../src/adapters/pricing/configured.ts';
import { createAmendmentMarks } from '../../src/adapters/postgres/amendment-marks.ts';
import { createAmendments } from '../../src/adapters/postgres/amendment.ts';
import { createAnswerBook } from '../../src/adapters/postgres/answers.ts';
import type { Database } from '../../src/adapters/postgres/database.ts';
import { createErasures } from '../../src/adapters/postgres/erasure.ts';
import { createFigures } from '../../src/adapters/postgres/figures.ts';
import { createOrderActions } from '../../src/adapters/postgres/order-actions.ts';
import { createOrderCounting } from '../../src/adapters/postgres/order-counts.ts';
import { createStockReading } from '../../src/adapters/postgres/stock-reading.ts';
import { createOrderRecords } from '../../src/adapters/postgres/explanation.ts';
import { createNoticeDesk } from '../../src/adapters/postgres/notice-desk.ts';
import { createLaunchMarks } from '../../src/adapters/postgres/launch.ts';
import { createParkedSteps } from '../../src/adapters/postgres/parked-steps.ts';
import { createPaymentMethods, createPaymentNotices } from '../../src/adapters/postgres/payment-notices.ts';
import { createProviderStates } from '../../src/adapters/postgres/provider-states.ts';
import { createReconciliationReports } from '../../src/adapters/postgres/reconciliation-reports.ts';
import { createRefundMarks } from '../../src/adapters/postgres/refund-marks.ts';
import { createRefunds } from '../../src/adapters/postgres/refund.ts';
import { createReturnMarks } from '../../src/adapters/postgres/return-marks.ts';
import { createReturns } from '../../src/adapters/postgres/return.ts';
import { createResolutionAudit } from '../../src/adapters/postgres/resolution-audit.ts';
import { createShipmentNotices } from '../../src/adapters/postgres/shipment-notices.ts';
import { createPacking } from '../../src/adapters/postgres/packing.ts';
import { createWebhookSubscriptions } from '../../src/adapters/postgres/webhook.ts';
import { createWebhookSender } from '../../src/adapters/webhook/http.ts';
import { createManyResolutions } from '../../src/adapters/postgres/resolve-many.ts';
import { noTerms } from '../../src/domain/totals.ts';

const away = () => Promise.reject(new Error('Temporal is away'));

/** What people who look at the console ask for. */
export const looking = (db: Database) => ({
  counting: createOrderCounting({ db }),
  actions: createOrderActions({ db }),
  stockReading: createStockReading({ db }),
  figures: createFigures({ db, backlogLimit: 1_000 }),
  queues: { read: away },
});

export const operating = (db: Database) => ({
  ...looking(db),
  providerStates: createProviderStates({ db }),
  records: createOrderRecords({ db }),
  workflows: { ask: away, followPayment: away, followShipment: away, start: away },
  canceller: { cancel: away },
  reviewer: { decide: away },
  resolver: { resolve: away },
  parkedSteps: createParkedSteps({ db }),
  audit: createResolutionAudit({ db }),
  answers: createAnswerBook({ db }),
  launches: createLaunchMarks({ db }),
  amendments: createAmendments({ db, pricing: createConfiguredPricing(noTerms) }),
  amendmentMarks: createAmendmentMarks({ db }),
  refunds: createRefunds({ db }),
  refundMarks: createRefundMarks({ db }),
  returns: createReturns({ db }),
  returnMarks: createReturnMarks({ db }),
  resolutions: createManyResolutions({ db }),
  erasures: createErasures({ db }),
  reconciliations: createReconciliationReports({ db }),
  notices: createPaymentNotices({ db }),
  methods: createPaymentMethods({ db }),
  customerNotices: createNoticeDesk({ db }),
  packing: createPacking({ db }),
  shipmentNotices: createShipmentNotices({ db }),
  readCarrierNotice: null,
  webhooks: createWebhookSubscriptions({ db }),
  webhookSender: createWebhookSender({ timeoutMs: 2_000, loopback: true }),
  webhookLoopback: true,
  ...{ payloadDesk: null, temporalUiUrl: 'http://127.0.0.1:8233' },
  // No signing secret and no key of the provider.
  readNotice: null,
  provider: null,
});
