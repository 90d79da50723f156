import { describe, expectThat, lever, outcomeOf } from '../check.ts';
import {
  AMOUNT_MINOR,
  confirmationOf,
  created,
  done,
  found,
  keyOf,
  paid,
  type Made,
  type PaymentCheck,
  type PaymentWorld,
} from './world.ts';

const cancellationOf = ({ orderId, providerId }: Made) => ({ key: keyOf(orderId, 'void'), providerId });

export const cancelling: readonly PaymentCheck[] = [
  {
    id: 'cancel.prevents-confirm',
    rule: 'A payment that was cancelled can not be confirmed any more, and says that it is cancelled',
    why: 'The cancelled payment is the fence of an order that is undone: a late attempt that could still confirm it takes money for an order that is over.',
    reliedOnBy: 'activities/refund.ts voidPayment',
    run: async (world) => {
      const made = await created(world);
      const { state } = done(await world.adapter.cancel(cancellationOf(made)), 'cancel');
      expectThat(state.kind === 'cancelled', `cancel says ${state.kind}`);
      const late = await outcomeOf(() => world.adapter.confirm(confirmationOf(made)));
      // Refused, and then asked for; or told at once what it is. A decline would be recorded as the customer's.
      const isCancelled = 'done' in late && late.done.state.kind === 'cancelled';
      expectThat('refused' in late || isCancelled, `a confirm after it: ${describe(late)}`);
      await expectCancelled(world, made);
      return 'a confirm after it takes nothing';
    },
  },
  {
    id: 'cancel.twice',
    rule: 'Cancelling twice is harmless',
    why: 'An undo whose answer got lost runs again.',
    reliedOnBy: 'activities/refund.ts voidPayment',
    run: async (world) => {
      const made = await created(world);
      done(await world.adapter.cancel(cancellationOf(made)), 'cancel');
      const again = await (await world.another()).cancel(cancellationOf(made));
      expectThat(!('rejection' in again), `the same cancel again: ${describe(again)}`);
      await expectCancelled(world, made);
      return describe(again).slice(0, 60);
    },
  },
  {
    id: 'cancel.captured',
    rule: 'A captured payment is not cancelled: that is refused, and it is found captured',
    why: 'What is reported as cancelled counts as never taken, and is never given back.',
    reliedOnBy: 'activities/refund.ts voidUnlessCaptured',
    run: async (world) => {
      const made = await paid(world);
      const answer = await world.adapter.cancel(cancellationOf(made));
      const saysSo = 'refused' in answer || ('done' in answer && answer.done.state.kind === 'captured');
      expectThat(saysSo, `cancel of a captured payment: ${describe(answer)}`);
      const { state, capturedMinor } = await found(world, made);
      expectThat(state.kind === 'captured' && capturedMinor === AMOUNT_MINOR, `then it is ${state.kind}`);
      return 'it stays captured';
    },
  },
  {
    id: 'cancel.needs-customer',
    rule: 'A payment that waits for its customer can be cancelled',
    why: 'The customer takes too long, and the order is rejected: what they finish afterwards must not take anything.',
    reliedOnBy: 'activities/refund.ts voidUnlessCaptured',
    run: async (world) => {
      const method = lever(world.module.methods.needsCustomer, 'methods.needsCustomer');
      const made = await created(world, { method });
      done(await world.adapter.confirm(confirmationOf(made)), 'confirm');
      done(await world.adapter.cancel(cancellationOf(made)), 'cancel');
      await expectCancelled(world, made);
      return 'cancelled';
    },
  },
  {
    id: 'cancel.declined',
    rule: 'A declined payment can be cancelled',
    why: 'Before another method is asked for, the first payment is made impossible: never two can be paid.',
    reliedOnBy: 'activities/payment-try.ts abandonPayment',
    run: async (world) => {
      const { method } = lever(world.module.methods.declines, 'methods.declines');
      const made = await created(world, { method });
      await outcomeOf(() => world.adapter.confirm(confirmationOf(made)));
      done(await world.adapter.cancel(cancellationOf(made)), 'cancel');
      await expectCancelled(world, made);
      return 'cancelled';
    },
  },
  {
    id: 'cancel.race',
    rule: 'Of a confirm and a cancel at the same moment one wins, and both answers tell the same',
    why: 'A customer cancels while the card is charged. Cancelled by one answer and captured by the other is money that nobody gives back.',
    reliedOnBy: 'activities/refund.ts voidPayment',
    run: async (world) => {
      const made = await created(world);
      const other = await world.another();
      const [confirmed, cancelled] = await Promise.all([
        outcomeOf(() => world.adapter.confirm(confirmationOf(made))),
        outcomeOf(() => other.cancel(cancellationOf(made))),
      ]);
      const { state, capturedMinor } = await found(world, made);
      const isTaken = state.kind === 'captured';
      expectThat(isTaken || state.kind === 'cancelled', `afterwards it is ${state.kind}`);
      const saidTaken = 'done' in confirmed && confirmed.done.state.kind === 'captured';
      const saidCancelled = 'done' in cancelled && cancelled.done.state.kind === 'cancelled';
      const seen = `found ${state.kind}, ${capturedMinor} captured; the confirm: ${describe(confirmed)}; the cancel: ${describe(cancelled)}`;
      expectThat(!(isTaken ? saidCancelled : saidTaken || capturedMinor > 0), seen);
      expectThat(!('rejection' in confirmed), seen);
      return state.kind;
    },
  },
  {
    id: 'find.unknown',
    rule: 'A payment that the provider does not know is `refused`',
    why: 'In a comparison of the books that is how we learn that a payment of ours does not exist there. Thrown, the comparison stops for ever at it.',
    reliedOnBy: 'activities/reconcile-provider.ts foundOrNone',
    run: async (world) => {
      const { providerId } = await created(world);
      const unknown = `${providerId.slice(0, -6)}000000`;
      const answer = await outcomeOf(() => world.adapter.find({ providerId: unknown }));
      expectThat('refused' in answer, `find of ${unknown}: ${describe(answer)}`);
      return describe(answer);
    },
  },
];

async function expectCancelled(world: PaymentWorld, made: Made): Promise<void> {
  const { state, capturedMinor } = await found(world, made);
  expectThat(state.kind === 'cancelled' && capturedMinor === 0, `found ${state.kind}, ${capturedMinor} captured`);
}
