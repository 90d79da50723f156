// The provider does not answer, or not as it should. What must stay true of an adapter: unknown is never taken for a no, and what was
// done all the same is found.
import { describe, expectThat, outcomeOf } from '../check.ts';
import { unknownChecks } from '../unknown.ts';
import { authorized } from './capturing.ts';
import { expectTaken } from './confirming.ts';
import { theOnlyRefund } from './refunding.ts';
import {
  confirmationOf,
  created,
  creationOf,
  done,
  expectNoDecline,
  found,
  keyOf,
  paid,
  PART_MINOR,
  paymentsOf,
  refundOf,
  type PaymentCheck,
  type PaymentWorld,
} from './world.ts';

/** Each of a payment of its own: none is refused for what another one did. */
async function callsOf(world: PaymentWorld, adapter: PaymentWorld['adapter']) {
  const [toConfirm, toCancel, taken] = await Promise.all([created(world), created(world), paid(world)]);
  const { createdAt: createdFrom } = await found(world, taken);
  const createdBefore = new Date(Date.parse(createdFrom) + 1_000).toISOString();
  return {
    create: () => adapter.create(creationOf(world)),
    confirm: () => adapter.confirm(confirmationOf(toConfirm)),
    cancel: () => adapter.cancel({ key: keyOf(toCancel.orderId, 'void'), providerId: toCancel.providerId }),
    refund: () => adapter.refund(refundOf(taken)),
    find: () => adapter.find(taken),
    listRefunds: () => adapter.listRefunds(taken),
    listDisputes: () => adapter.listDisputes(taken),
    list: () => adapter.list({ createdFrom, createdBefore, cursor: null, limit: 10 }),
  };
}

export const unknown: readonly PaymentCheck[] = [
  ...unknownChecks<PaymentWorld>({
    calls: callsOf,
    harm: 'Taken for a decline, the order is rejected and its stock sold again, while its money may have been taken.',
    reliedOnBy: 'activities/payment.ts confirmPayment',
    isPatient: true,
  }),
  {
    id: 'lost.create',
    rule: 'After a lost answer the same key has the payment that was made',
    why: 'It is asked for again, and whoever asks must come to the same payment.',
    reliedOnBy: 'activities/payment.ts chargeFirst',
    run: async (world) => {
      const creation = creationOf(world);
      await lost(world, 'create', () => world.adapter.create(creation));
      const { createdAt } = done(await (await world.another()).create(creation), 'the same create again');
      const { length } = await paymentsOf(world, creation.orderId, createdAt);
      expectThat(length === 1, `the list has ${length} payments of the order; expected one`);
      return 'one payment';
    },
  },
  {
    id: 'lost.confirm',
    rule: 'After a lost answer the payment is found captured, and the same key takes nothing more',
    why: 'This is the case in which customers pay twice, or pay for an order that was declined.',
    reliedOnBy: 'activities/payment.ts chargeAgain',
    run: async (world) => {
      const made = await created(world);
      await lost(world, 'confirm', () => world.adapter.confirm(confirmationOf(made)));
      await expectTaken(world, made);
      const again = await (await world.another()).confirm(confirmationOf(made));
      expectNoDecline([again], 'the same confirm again');
      return expectTaken(world, made);
    },
  },
  {
    id: 'lost.cancel',
    rule: 'After a lost answer the payment is found cancelled',
    why: 'The undo asks what the payment is before it does anything again, and parks the order when that never becomes clear.',
    reliedOnBy: 'activities/refund.ts voidUnlessCaptured',
    run: async (world) => {
      const { orderId, providerId } = await created(world);
      await lost(world, 'cancel', () => world.adapter.cancel({ key: keyOf(orderId, 'void'), providerId }));
      const { state } = await found(world, { orderId, providerId });
      expectThat(state.kind === 'cancelled', `find says ${state.kind}`);
      return 'cancelled';
    },
  },
  {
    id: 'lost.refund',
    rule: 'After a lost answer the refund stands in the list with our key, and the same key makes no other',
    why: 'The list is read before anything is sent again. A refund that is not there is sent twice.',
    reliedOnBy: 'activities/refund.ts refundCapture',
    run: async (world) => {
      const made = await paid(world);
      await lost(world, 'refund', () => world.adapter.refund(refundOf(made)));
      const { key, amountMinor } = await theOnlyRefund(world, made);
      expectThat(
        key === keyOf(made.orderId, 'refund') && amountMinor === PART_MINOR,
        `the list has a refund of ${amountMinor} under ${key}`,
      );
      await (await world.another()).refund(refundOf(made));
      await theOnlyRefund(world, made);
      return 'one refund, found by its key';
    },
  },
  {
    id: 'lost.capture',
    rule: 'After a lost answer the payment says what was captured, and the same key captures nothing more',
    why: 'What it has received is what tells whether the parcel is paid.',
    reliedOnBy: 'activities/capture.ts settleMade',
    run: async (world) => {
      const made = await authorized(world);
      const key = keyOf(made.orderId, 'capture');
      const isFinal = world.module.captures !== 'several';
      const capture = { key, providerId: made.providerId, amountMinor: PART_MINOR, isFinal };
      await lost(world, 'capture', () => world.adapter.capture(capture));
      const expectPart = async (): Promise<void> => {
        const { capturedMinor } = await found(world, made);
        expectThat(capturedMinor === PART_MINOR, `${capturedMinor} were captured; expected ${PART_MINOR}`);
      };
      await expectPart();
      await (await world.another()).capture(capture);
      await expectPart();
      return `${PART_MINOR} captured once`;
    },
  },
];

/** The provider does what it is asked for, and its answer never comes. */
async function lost(world: PaymentWorld, what: string, call: () => Promise<unknown>): Promise<void> {
  const outcome = await world.proxy().during({ kind: 'drop', afterEffect: true }, () => outcomeOf(call));
  const isThrown = typeof outcome === 'object' && outcome !== null && 'threw' in outcome;
  expectThat(isThrown, `${what}, whose answer got lost: ${describe(outcome)}`);
}
