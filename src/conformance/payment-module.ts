// What a team tells the suite about its payment provider (docs/adapters.md).
import type { PaymentProvider } from '../ports/payment.ts';
import type { ModuleOf } from './connection.ts';

/** The default export of a module: called once. */
export type PaymentModule = () => PaymentConformance | Promise<PaymentConformance>;

/** Whatever is left out is not tested, and is said to be so. */
export type PaymentConformance = ModuleOf<PaymentProvider> & {
  /** Payment methods of the sandbox, by what they do. */
  methods: {
    succeeds: string;
    declines?: { method: string; declineCode: string };
    /** Its customer has to authenticate. */
    needsCustomer?: string;
    /** The provider takes a while to say what came of it. */
    processes?: string;
    /** It is paid with, and a refund of it is pending first, or fails. */
    refundPending?: string;
    refundFails?: string;
    /** Its holder disputes the charge soon afterwards. */
    disputes?: string;
  };
  /** ISO 4217; EUR, JPY and BHD when left out. The first is used where the currency does not matter. */
  currencies?: readonly string[];
  /** Whether money can be authorized first, and how often a part of it be captured. */
  captures?: 'once' | 'several';
  /** Whether a method can be saved for a customer, and be charged while they are absent. */
  savesMethods?: boolean;
  /**
   * The amount that the provider takes the payment to be of, asked by another way than the adapter: as its dashboard shows it
   * ("12.340"). Two mistakes that undo each other can be seen in no other way.
   */
  shownAmount?: (payment: { providerId: string; currency: string }) => Promise<string>;
  /** Makes the provider fail the order's next confirm, and repeat that failure for its key for ever. */
  storeFailure?: (request: { orderId: string }) => Promise<void>;
};
