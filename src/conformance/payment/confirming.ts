import { RejectionCode } from '../../domain/rejection.ts';
import { describe, expectThat, lever, NotTested, outcomeOf, until } from '../check.ts';
import {
  AMOUNT_MINOR,
  confirmationOf,
  created,
  creationOf,
  done,
  expectNoDecline,
  found,
  fulfilled,
  keyOf,
  newOrder,
  paid,
  tenAtOnce,
  type Made,
  type PaymentCheck,
  type PaymentWorld,
} from './world.ts';

const SETTLES_WITHIN_MS = 30_000;

export const confirming: readonly PaymentCheck[] = [
  {
    id: 'confirm.takes-once',
    rule: 'A confirmed payment is captured for its amount; the same key again, from another process, takes nothing more',
    why: 'This is the moment in which the money moves, and it is asked for again after every lost answer.',
    reliedOnBy: 'activities/payment.ts confirmPayment',
    run: async (world) => {
      const made = await paid(world);
      const again = await (await world.another()).confirm(confirmationOf(made));
      expectNoDecline([again], 'the same confirm again');
      return expectTaken(world, made);
    },
  },
  {
    id: 'confirm.ten-at-once',
    rule: 'Ten confirms at once under one key take the money once, and none of them says no',
    why: 'An attempt that timed out may still run beside its successor. One "no" among them declines an order that is paid.',
    reliedOnBy: 'activities/payment.ts confirmPayment',
    run: async (world) => {
      const made = await created(world);
      const answers = fulfilled(await tenAtOnce(async () => (await world.another()).confirm(confirmationOf(made))));
      expectNoDecline(answers, 'one of ten at once');
      return `${answers.length} of ten answered; ${await expectTaken(world, made)}`;
    },
  },
  {
    id: 'confirm.decline',
    rule: 'A decline is a rejection, payment.declined, with the provider’s own code',
    why: 'It ends the order, or asks the customer for another method. Thrown, it would be tried for hours; without its code nobody can tell the customer why.',
    reliedOnBy: 'activities/payment.ts confirmPayment',
    run: async (world) => {
      const { answer } = await decline(world);
      expectThat('rejection' in answer, `a card that declines: ${describe(answer)}`);
      const { code, declineCode } = answer.rejection;
      const { declineCode: expected } = lever(world.module.methods.declines, 'methods.declines');
      expectThat(code === RejectionCode.declined, `the code is ${code}; expected ${RejectionCode.declined}`);
      expectThat(declineCode === expected, `the provider's own code is ${declineCode}; expected ${expected}`);
      return `${code}, ${declineCode}`;
    },
  },
  {
    id: 'confirm.decline-is-found',
    rule: 'Asked for later, a declined payment says that it was declined, and with which code',
    why: 'When the answer to a confirm got lost, the next attempt asks what the payment is. One that looks unconfirmed is confirmed again: the card is tried once more.',
    reliedOnBy: 'activities/payment.ts chargeAgain',
    run: async (world) => {
      const { made } = await decline(world);
      if (!made) throw new NotTested('the provider declines when the payment is created: there is none to be found');
      const { state, capturedMinor } = await found(world, made);
      expectThat(state.kind === 'declined', `find says ${state.kind} of a payment that was declined`);
      const { declineCode } = lever(world.module.methods.declines, 'methods.declines');
      expectThat(
        state.rejection.declineCode === declineCode && state.rejection.code === RejectionCode.declined,
        `find says ${describe(state.rejection)}; expected ${declineCode}`,
      );
      expectThat(capturedMinor === 0, `${capturedMinor} were captured of a payment that was declined`);
      return `declined, ${declineCode}`;
    },
  },
  {
    id: 'confirm.decline-repeated',
    rule: 'The same key again after a decline takes nothing',
    why: 'A late attempt repeats the confirm of an order that is rejected already, and whose stock is sold to somebody else.',
    reliedOnBy: 'activities/payment.ts confirmPayment',
    run: async (world) => {
      const { made } = await decline(world);
      if (!made)
        throw new NotTested('the provider declines when the payment is created: there is none to be confirmed');
      const again = await (await world.another()).confirm(confirmationOf(made));
      expectThat(!('done' in again), `the same confirm again: ${describe(again)}`);
      const { capturedMinor } = await found(world, made);
      expectThat(capturedMinor === 0, `${capturedMinor} were captured of a payment that was declined`);
      return describe(again);
    },
  },
  {
    id: 'confirm.needs-customer',
    rule: 'A payment that needs its customer says so, takes nothing, and has a client secret to be asked for',
    why: 'The order waits for the customer, whose browser finishes the payment with the secret. Taken for a decline, everybody with a careful bank is turned away.',
    reliedOnBy: 'activities/payment.ts adopt',
    run: async (world) => {
      const method = lever(world.module.methods.needsCustomer, 'methods.needsCustomer');
      const made = await created(world, { method });
      const { state, capturedMinor } = done(await world.adapter.confirm(confirmationOf(made)), 'confirm');
      expectThat(state.kind === 'needs-customer', `confirm says ${state.kind}`);
      expectThat(capturedMinor === 0, `${capturedMinor} were captured before the customer has agreed`);
      const now = await found(world, made);
      expectThat(now.state.kind === 'needs-customer', `find says ${now.state.kind}`);
      const secret = done(await world.adapter.findClientSecret(made), 'findClientSecret');
      expectThat(typeof secret === 'string' && secret.length > 0, 'the client secret is empty');
      return 'it waits for its customer, nothing captured';
    },
  },
  {
    id: 'confirm.processing',
    rule: 'While the provider does not know yet, a payment is processing, and later what came of it',
    why: 'A bank debit may take days. Taken for captured, goods leave that are never paid; taken for declined, the money comes all the same.',
    reliedOnBy: 'activities/payment.ts adopt',
    run: async (world) => {
      const method = lever(world.module.methods.processes, 'methods.processes');
      const made = await created(world, { method });
      const { state, capturedMinor } = done(await world.adapter.confirm(confirmationOf(made)), 'confirm');
      expectThat(state.kind === 'processing' && capturedMinor === 0, `confirm says ${state.kind}, ${capturedMinor}`);
      const kind = await until(
        async () => {
          const now = await found(world, made);
          return now.state.kind === 'processing' ? null : now.state.kind;
        },
        { withinMs: SETTLES_WITHIN_MS, what: 'the end of processing' },
      );
      expectThat(kind === 'captured' || kind === 'declined', `after processing it is ${kind}`);
      return `processing, then ${kind}`;
    },
  },
  {
    id: 'confirm.stored-failure',
    rule: 'A failure that the provider repeats for its key for ever is `stuck`, and the next key goes on',
    why: 'Thrown, the same key would be tried until the order parks, however long the provider has been well again.',
    reliedOnBy: 'activities/payment.ts replaceConfirmKey',
    run: async (world) => {
      const storeFailure = lever(world.module.storeFailure, 'storeFailure');
      const made = await created(world);
      await storeFailure(made);
      const first = await outcomeOf(() => world.adapter.confirm(confirmationOf(made)));
      expectThat('threw' in first || 'stuck' in first, `the confirm that failed: ${describe(first)}`);
      const again = await outcomeOf(() => world.adapter.confirm(confirmationOf(made)));
      expectThat('stuck' in again, `the same key again: ${describe(again)}`);
      const next = { ...confirmationOf(made), key: `${keyOf(made.orderId, 'confirm')}:r2` };
      done(await world.adapter.confirm(next), 'confirm under the next key');
      return `stuck; under the next key ${await expectTaken(world, made)}`;
    },
  },
  {
    id: 'confirm.saved-method',
    rule: 'A method that was saved while it paid is named, and pays again for its customer while they are absent',
    why: 'An amendment to more charges it. Not named, the customer has to be asked again; charged as if they were present, it waits for somebody who has left.',
    reliedOnBy: 'activities/payment.ts customerOf',
    run: async (world) => {
      if (world.module.savesMethods !== true) throw new NotTested('the module does not say savesMethods');
      const orderId = newOrder();
      const request = { key: keyOf(orderId, 'customer'), orderId };
      const { customerId } = done(await world.adapter.createCustomer(request), 'createCustomer');
      const made = await paid(world, { orderId, customer: { customerId, use: 'save' } });
      const { saved } = await found(world, made);
      expectThat(saved?.customerId === customerId, `find names the saved method of ${saved?.customerId}`);
      const further = creationOf(world, {
        method: saved.paymentMethod,
        customer: { customerId, use: 'off-session' },
      });
      const { providerId } = done(await world.adapter.create(further), 'create with what was saved');
      const charge = { orderId: further.orderId, providerId };
      done(await world.adapter.confirm({ ...confirmationOf(charge), isOffSession: true }), 'confirm off session');
      return `saved as ${saved.paymentMethod}; ${await expectTaken(world, charge)}`;
    },
  },
];

/** What a card that declines came to; `made` is null where it was declined when the payment was created. */
async function decline(world: PaymentWorld) {
  const { method } = lever(world.module.methods.declines, 'methods.declines');
  const creation = creationOf(world, { method });
  const answer = await world.adapter.create(creation);
  if ('rejection' in answer) return { made: null, answer };
  const made: Made = { orderId: creation.orderId, providerId: done(answer, 'create').providerId };
  return { made, answer: await world.adapter.confirm(confirmationOf(made)) };
}

/** Of the payment its amount was captured, no more and no less. */
export async function expectTaken(world: PaymentWorld, made: Made): Promise<string> {
  const { state, capturedMinor, amountMinor } = await found(world, made);
  expectThat(state.kind === 'captured', `find says ${state.kind}`);
  expectThat(
    capturedMinor === amountMinor && amountMinor === AMOUNT_MINOR,
    `${capturedMinor} of ${amountMinor} were captured; expected ${AMOUNT_MINOR}`,
  );
  return `captured ${capturedMinor} once`;
}
