import type { FoundPayment } from '../domain/recovery.ts';
import type {
  ListRequest,
  Page,
  PaymentProvider,
  ProviderAnswer,
  ProviderPayment,
  ProviderRefund,
} from '../ports/payment.ts';
import { ask } from './ask.ts';

const PAGE = 100;
const DAY_MS = 24 * 3_600_000;

/** A payment with what was given back of it. */
export type IndexedPayment = FoundPayment & {
  capturedMinor: number;
  currency: string;
  refunds: readonly ProviderRefund[];
};
export type PaymentIndex = {
  /** All that the provider has of the order, `stored` among it however old it is. */
  of: (order: { orderId: string; stored: string | null }) => Promise<IndexedPayment[]>;
  /** Payments that took money and name an order beside these. */
  unclaimed: (orderIds: readonly string[]) => Promise<{ orderId: string; providerId: string }[]>;
};

/** Reads the provider's list (never its search: that lags behind) from an instant on, by the order that each names. */
export async function createPaymentIndex(options: { provider: PaymentProvider; since: string }): Promise<PaymentIndex> {
  const { provider, since } = options;
  const byOrder = new Map<string, ProviderPayment[]>();
  const createdBefore = new Date(Date.now() + DAY_MS).toISOString();
  for (let cursor: string | null = null, isFirst = true; isFirst || cursor !== null; isFirst = false) {
    const request: ListRequest = { createdFrom: since, createdBefore, cursor, limit: PAGE };
    const page: Page<ProviderPayment> = await ask('list the payments', () => provider.list(request));
    for (const payment of page.items) {
      if (payment.orderId === null) continue;
      byOrder.set(payment.orderId, [...(byOrder.get(payment.orderId) ?? []), payment]);
    }
    cursor = page.next;
  }

  async function indexed(payment: ProviderPayment): Promise<IndexedPayment> {
    const { providerId, createdAt, state, capturedMinor, currency, key } = payment;
    const isCaptured = state.kind === 'captured' || capturedMinor > 0;
    const refunds = isCaptured ? await ask('list the refunds', () => provider.listRefunds({ providerId })) : [];
    const disputes = isCaptured ? await ask('list the disputes', () => provider.listDisputes({ providerId })) : [];
    return {
      ...{ providerId, createdAt, capturedMinor, currency, refunds, kind: state.kind, ordinal: ordinalIn(key) },
      refundedMinor: refunds
        .filter((refund) => refund.state === 'succeeded')
        .reduce((sum, refund) => sum + refund.amountMinor, 0),
      isDisputed: disputes.some(({ state }) => state !== 'won'),
      isRefundOpen: refunds.some((refund) => refund.state === 'pending'),
    };
  }

  return {
    of: async ({ orderId, stored }) => {
      const listed = byOrder.get(orderId) ?? [];
      const isListed = stored === null || listed.some(({ providerId }) => providerId === stored);
      const older = isListed ? null : await ask('show a payment', () => foundOrNone(provider, stored));
      return Promise.all([...listed, ...(older ? [older] : [])].map(indexed));
    },
    unclaimed: (orderIds) => {
      const claimed = new Set(orderIds);
      const others = [...byOrder].filter(([orderId]) => !claimed.has(orderId));
      return Promise.resolve(
        others.flatMap(([orderId, payments]) =>
          payments.filter(({ state }) => state.kind === 'captured').map(({ providerId }) => ({ orderId, providerId })),
        ),
      );
    },
  };
}

/** Of keys of ours, `<order>:create:<ordinal>`; null for what others have made, and for payments from before they said it. */
function ordinalIn(key: string | null): number | null {
  const [, ordinal] = /^\w+:create:(\d+)/.exec(key ?? '') ?? [];
  return ordinal === undefined ? null : Number(ordinal);
}

/** What the provider does not know (another account, or data that was wiped) is nothing to be asked for again. */
async function foundOrNone(
  provider: PaymentProvider,
  providerId: string,
): Promise<ProviderAnswer<ProviderPayment | null>> {
  const answer = await provider.find({ providerId });
  return 'refused' in answer ? { done: null } : answer;
}
