import { describe, expect, test } from '@jest/globals';
import { createStripeProvider } from '../../src/adapters/payment/stripe.ts';
import { createConfiguredPricing } from '../../src/adapters/pricing/configured.ts';
import { noTerms } from '../../src/domain/totals.ts';
import { createAcceptance } from '../../src/adapters/postgres/acceptance.ts';
import { createAmendmentRecords } from '../../src/adapters/postgres/amendment-work.ts';
import { openDatabase, STEP_PATIENCE } from '../../src/adapters/postgres/database.ts';
import { createCaptureRecords } from '../../src/adapters/postgres/capture.ts';
import { createBackorders } from '../../src/adapters/postgres/backorder.ts';
import { createBackorderSteps } from '../../src/adapters/postgres/backorder-wait.ts';
import { createErasureWork } from '../../src/adapters/postgres/erasure-work.ts';
import { createInventory } from '../../src/adapters/postgres/inventory.ts';
import { createLaunchMarks } from '../../src/adapters/postgres/launch.ts';
import { createPaymentMethods, createPaymentNotices } from '../../src/adapters/postgres/payment-notices.ts';
import { createNoticeFeed, createNoticeMarks } from '../../src/adapters/postgres/notice-feed.ts';
import { createNoticeRecords } from '../../src/adapters/postgres/notice-work.ts';
import { createOrderSteps } from '../../src/adapters/postgres/order.ts';
import { createReconciliationWork } from '../../src/adapters/postgres/reconciliation.ts';
import { createPaymentRecords } from '../../src/adapters/postgres/payment.ts';
import { createRefundRecords } from '../../src/adapters/postgres/refund-work.ts';
import { createReturnRecords } from '../../src/adapters/postgres/return-work.ts';
import { createShipmentNotices } from '../../src/adapters/postgres/shipment-notices.ts';
import { createShipmentRecords } from '../../src/adapters/postgres/shipment.ts';
import { createPacking } from '../../src/adapters/postgres/packing.ts';
import { noCarrier } from '../../src/adapters/shipping/http.ts';
import { crashableCalls } from '../../src/contracts/crash-points.ts';
import { createCrashPoints } from '../../src/runtime/crash-points.ts';
import { createLogger } from '../../src/runtime/logger.ts';

const here = {
  HOST: '127.0.0.1',
  DATABASE_URL: 'postgres://orders:secret@localhost:5432/orders',
  TEMPORAL_ADDRESS: '127.0.0.1:7233',
  STRIPE_API_BASE: 'http://[::1]:12111',
};
const create = (setting: string | undefined, addresses: Record<string, string> = here, providerKey = 'sk_test_x') =>
  createCrashPoints({ setting, seed: 1, addresses, providerKey });

describe('crash points', () => {
  test('are off unless they are set, and then leave every port as it is', () => {
    const port = { reserve: () => Promise.resolve() };
    const points = create(undefined, { HOST: '0.0.0.0' }, 'sk_live_x');
    expect(points.around('inventory', port)).toBe(port);
    expect(points.beforeCommit).toBeNull();
  });

  test.each([
    ['HOST', '0.0.0.0'],
    ['HOST', '::'],
    ['HOST', ''],
    ['HOST', '127.0.0.1.example.com'],
    ['DATABASE_URL', 'postgres://orders@db.example.com/orders'],
    ['DATABASE_URL', 'postgres://orders@127.0.0.1/orders?host=db.example.com'],
    ['DATABASE_URL', 'postgres:///orders'],
    ['TEMPORAL_ADDRESS', 'orders.a1b2c.tmprl.cloud:7233'],
    ['STRIPE_API_BASE', 'https://api.stripe.com'],
  ])('are refused where %s is %s', (name, address) => {
    expect(() => create('after provider.confirm@1', { ...here, [name]: address })).toThrow(`${name} is not`);
  });

  test.each(['sk_live_abc', 'rk_live_abc'])('are refused beside %s', (key) => {
    expect(() => create('after provider.confirm@1', here, key)).toThrow('live provider key');
  });

  test.each(['after provider.confirm', 'provider.confirm@1', 'after provider.confirm@0', 'after x.y=1.5', 'x'])(
    'refuses %s, which says not when',
    (setting) => {
      expect(() => create(setting)).toThrow('CRASH_POINTS: expected');
    },
  );

  test('surround every call of every port that does something', () => {
    const logger = createLogger({ name: 'test', level: 'silent' });
    const connectionString = 'postgres://127.0.0.1:1/none';
    const db = openDatabase({
      connectionString,
      poolSize: 1,
      patience: STEP_PATIENCE,
      applicationName: 'test',
      logger,
    });
    const worker = {
      inventory: createInventory({ db }),
      orders: createOrderSteps({ db }),
      payments: createPaymentRecords({ db }),
      shipments: createShipmentRecords({ db }),
      backorderSteps: createBackorderSteps({ db }),
      carrier: noCarrier,
      provider: createStripeProvider({ apiKey: 'sk_test_x', apiBase: 'http://127.0.0.1:1', timeoutMs: 1 }),
      refunds: createRefundRecords({ db }),
      captures: createCaptureRecords({ db }),
      amendments: createAmendmentRecords({ db }),
      reconciliation: createReconciliationWork({ db }),
      erasureWork: createErasureWork({ db }),
      returns: createReturnRecords({ db }),
    };
    const api = {
      acceptance: createAcceptance({ db, pricing: createConfiguredPricing(noTerms) }),
      marks: createLaunchMarks({ db }),
      starter: { start: () => Promise.resolve() },
      notices: createPaymentNotices({ db }),
      receivers: { tellOrder: () => Promise.resolve(true), followPayment: () => Promise.resolve() },
      methods: createPaymentMethods({ db }),
      packing: createPacking({ db }),
      backorders: createBackorders({ db }),
      stockTeller: { tellOfStock: () => Promise.resolve(true) },
      shipmentNotices: createShipmentNotices({ db }),
      shipmentReceivers: {
        tellShipment: () => Promise.resolve(true),
        tellPlan: () => Promise.resolve(true),
        followShipment: () => Promise.resolve(),
      },
    };
    const mailing = {
      noticeFeed: createNoticeFeed({ db }),
      noticeMarks: createNoticeMarks({ db }),
      noticeStarter: { startNotice: () => Promise.resolve() },
      customerNotices: createNoticeRecords({ db }),
      mailSender: { send: () => Promise.resolve() },
    };
    expect(listed('mailing')).toEqual(callsOf(mailing));
    const ofWorker = (
      [
        ...(['worker', 'reconciling', 'reviewing', 'shipping', 'capturing', 'saving'] as const),
        ...(['amending', 'backordering', 'returning', 'erasing'] as const),
      ] as const
    ).flatMap(listed);
    expect(ofWorker.sort()).toEqual(callsOf(worker));
    expect([...listed('api'), ...listed('packing'), ...listed('serving')].sort()).toEqual(callsOf(api));
  });
});

const listed = (process: keyof typeof crashableCalls): string[] =>
  [...crashableCalls[process].transactions, ...crashableCalls[process].others].sort();

const callsOf = (ports: Record<string, object>): string[] =>
  Object.entries(ports)
    .flatMap(([role, port]) => Object.keys(port).map((name) => `${role}.${name}`))
    .sort();
