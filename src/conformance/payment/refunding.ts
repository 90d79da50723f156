import { describe, expectThat, lever, outcomeOf, until } from '../check.ts';
import {
  AMOUNT_MINOR,
  created,
  done,
  expectNoDecline,
  fulfilled,
  keyOf,
  paid,
  PART_MINOR,
  refundOf,
  refundsOf,
  tenAtOnce,
  type Made,
  type PaymentCheck,
  type PaymentWorld,
} from './world.ts';

const FAILS_WITHIN_MS = 30_000;

export const refunding: readonly PaymentCheck[] = [
  {
    id: 'refund.is-listed',
    rule: 'A refund gives back exactly what was asked for, and stands in the payment’s list with our key',
    why: 'Keys die at a provider after a day; the list is what says later that a refund was ours, and that none is to be made again.',
    reliedOnBy: 'activities/refund.ts refundCapture',
    run: async (world) => {
      const made = await paid(world);
      const { amountMinor, currency, state } = done(await world.adapter.refund(refundOf(made)), 'refund');
      expectThat(
        amountMinor === PART_MINOR && currency === world.currency,
        `${amountMinor} ${currency} were given back; expected ${PART_MINOR} ${world.currency}`,
      );
      expectThat(state === 'succeeded', `the refund is ${state}; of this method it was expected to succeed`);
      const { key, amountMinor: listed } = await theOnlyRefund(world, made);
      expectThat(key === keyOf(made.orderId, 'refund'), `its key in the list is ${key}`);
      expectThat(listed === PART_MINOR, `its amount in the list is ${listed}`);
      return `${PART_MINOR} under ${key}`;
    },
  },
  {
    id: 'refund.same-key',
    rule: 'The same key twice, also from another process, is one refund',
    why: 'A refund whose answer got lost is asked for again; twice is money that nobody gets back.',
    reliedOnBy: 'activities/refund.ts refundCapture',
    run: async (world) => {
      const made = await paid(world);
      const { refundId } = done(await world.adapter.refund(refundOf(made)), 'refund');
      const again = done(await (await world.another()).refund(refundOf(made)), 'the same refund again');
      expectThat(again.refundId === refundId, `first ${refundId}, then ${again.refundId}`);
      await theOnlyRefund(world, made);
      return 'one refund';
    },
  },
  {
    id: 'refund.ten-at-once',
    rule: 'Ten refunds at once under one key are one refund',
    why: 'An attempt that timed out may still run beside its successor.',
    reliedOnBy: 'activities/pay-refund.ts payPart',
    run: async (world) => {
      const made = await paid(world);
      const answers = fulfilled(await tenAtOnce(async () => (await world.another()).refund(refundOf(made))));
      expectNoDecline(answers, 'one of ten at once');
      await theOnlyRefund(world, made);
      return `${answers.length} of ten answered; one refund`;
    },
  },
  {
    id: 'refund.two-keys',
    rule: 'Two keys are two refunds, also of the same amount',
    why: 'Two returns of the same article are owed twice. An adapter that tells refunds apart by payment and amount keeps the second one.',
    reliedOnBy: 'activities/pay-refund.ts payPart',
    run: async (world) => {
      const made = await paid(world);
      const first = done(await world.adapter.refund(refundOf(made)), 'refund');
      const second = done(await world.adapter.refund(refundOf(made, PART_MINOR, 2)), 'the second refund');
      expectThat(first.refundId !== second.refundId, `both are ${first.refundId}`);
      const { length } = await refundsOf(world, made);
      expectThat(length === 2, `the list has ${length} refunds; expected two`);
      return 'two refunds';
    },
  },
  {
    id: 'refund.other-parameters',
    rule: 'A key that stands for another refund is `stuck` or `refused`, and nothing more goes back',
    why: 'Done, more goes back than was asked for; answered with the old refund as if it were the new one, less does.',
    reliedOnBy: 'activities/pay-refund.ts payPart',
    run: async (world) => {
      const made = await paid(world);
      done(await world.adapter.refund(refundOf(made)), 'refund');
      const answer = await world.adapter.refund({ ...refundOf(made), amountMinor: PART_MINOR + 10 });
      expectThat('stuck' in answer || 'refused' in answer, `the key with another amount: ${describe(answer)}`);
      await theOnlyRefund(world, made);
      return describe(answer);
    },
  },
  {
    id: 'refund.too-much',
    rule: 'More than was captured is refused, and nothing goes back',
    why: 'Cut down without a word, a refund looks done that is not what was asked for.',
    reliedOnBy: 'activities/pay-refund.ts takeRefusal',
    run: async (world) => {
      const made = await paid(world);
      const answer = await outcomeOf(() => world.adapter.refund(refundOf(made, 2 * AMOUNT_MINOR)));
      expectThat('refused' in answer || 'rejection' in answer, `twice the captured amount: ${describe(answer)}`);
      const moved = (await refundsOf(world, made)).filter(({ state }) => state !== 'failed');
      expectThat(moved.length === 0, `the list has ${describe(moved)}`);
      return describe(answer);
    },
  },
  {
    id: 'refund.nothing-taken',
    rule: 'A payment that took nothing can not be refunded',
    why: 'What is reported as given back counts as taken before.',
    reliedOnBy: 'activities/refund.ts refundCapture',
    run: async (world) => {
      const made = await created(world);
      const answer = await outcomeOf(() => world.adapter.refund(refundOf(made)));
      expectThat('refused' in answer || 'rejection' in answer, `of an unconfirmed payment: ${describe(answer)}`);
      return describe(answer);
    },
  },
  {
    id: 'refund.pending',
    rule: 'A refund that the provider has not made yet is pending, in its answer and in the list',
    why: 'Pending is not done: it may still fail, and an order whose refund counts as done is never looked at again.',
    reliedOnBy: 'activities/refund.ts refundPending',
    run: async (world) => {
      const method = lever(world.module.methods.refundPending, 'methods.refundPending');
      const made = await paid(world, { method });
      const { state } = done(await world.adapter.refund(refundOf(made)), 'refund');
      expectThat(state === 'pending', `the refund is ${state}`);
      return 'pending';
    },
  },
  {
    id: 'refund.fails',
    rule: 'A refund that failed says so, and stays in the list with our key',
    why: 'A person has to give the money back in another way. Missing from the list it would be sent again; counted as done it never comes.',
    reliedOnBy: 'activities/refund.ts describeFailed',
    run: async (world) => {
      const method = lever(world.module.methods.refundFails, 'methods.refundFails');
      const made = await paid(world, { method });
      const { state } = done(await world.adapter.refund(refundOf(made)), 'refund');
      // A provider may find out later; then its list tells.
      const listed = await until(
        async () => {
          const refund = await theOnlyRefund(world, made);
          return refund.state === 'failed' ? refund : null;
        },
        { withinMs: FAILS_WITHIN_MS, what: 'a refund that is failed in the list' },
      );
      expectThat(listed.key === keyOf(made.orderId, 'refund'), `its key in the list is ${listed.key}`);
      return `${state}; the list says ${listed.state}`;
    },
  },
];

export async function theOnlyRefund(world: PaymentWorld, made: Made) {
  const refunds = await refundsOf(world, made);
  const [first] = refunds;
  expectThat(refunds.length === 1 && first !== undefined, `the list has ${refunds.length} refunds; expected one`);
  return first;
}
