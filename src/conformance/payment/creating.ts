import { minorDigits } from '../../domain/money.ts';
import { describe, expectThat, lever, NotTested } from '../check.ts';
import {
  AMOUNT_MINOR,
  confirmationOf,
  created,
  creationOf,
  defaultCurrencies,
  done,
  expectNoDecline,
  found,
  fulfilled,
  keyOf,
  newOrder,
  paymentsOf,
  tenAtOnce,
  type PaymentCheck,
  type PaymentWorld,
} from './world.ts';

/** Thousandths end in 0: a provider may allow no others. */
const amounts: Record<string, number> = { EUR: 1_999, JPY: 1_999, BHD: 12_340 };

export const creating: readonly PaymentCheck[] = [
  {
    id: 'create.moves-nothing',
    rule: 'A payment that was created has taken nothing, and waits to be confirmed',
    why: 'Only a payment whose id we have stored is ever confirmed. One that takes money when it is created takes it for orders that are undone, and twice where two attempts create one each.',
    reliedOnBy: 'activities/payment.ts chargeFirst',
    run: async (world) => {
      const made = await created(world);
      const { state, capturedMinor } = await found(world, made);
      expectThat(state.kind === 'unconfirmed', `find says ${state.kind} of a payment that nobody confirmed`);
      expectThat(capturedMinor === 0, `${capturedMinor} were captured of a payment that nobody confirmed`);
      return 'unconfirmed, nothing captured';
    },
  },
  {
    id: 'create.names-order-and-key',
    rule: 'A payment says which order it is of, and by which key it was made',
    why: 'After a restored backup, and in every comparison of the books, that is all that leads from the money to its order. A payment without it stays taken and belongs to nobody.',
    reliedOnBy: 'recovery/recover.ts, activities/payment.ts recordCapture',
    run: async (world) => {
      const creation = creationOf(world);
      const { providerId } = done(await world.adapter.create(creation), 'create');
      const seen = await found(world, { orderId: creation.orderId, providerId });
      expectThat(seen.providerId === providerId, `find of ${providerId} answers with ${seen.providerId}`);
      expectThat(seen.orderId === creation.orderId, `orderId is ${seen.orderId}; expected ${creation.orderId}`);
      expectThat(seen.key === creation.key, `key is ${seen.key}; expected ${creation.key}`);
      const at = Date.parse(seen.createdAt);
      expectThat(
        new Date(at).toISOString() === seen.createdAt,
        `createdAt is ${seen.createdAt}; expected an ISO instant in UTC`,
      );
      return `order and key come back, made ${seen.createdAt}`;
    },
  },
  {
    id: 'create.same-key',
    rule: 'The same key twice is one payment, also from another process',
    why: 'A worker that dies before it has stored the id asks again from another one. Two payments for one try can both be paid by the customer.',
    reliedOnBy: 'activities/payment.ts chargeFirst',
    run: async (world) => {
      const creation = creationOf(world);
      const first = done(await world.adapter.create(creation), 'create');
      const again = done(await (await world.another()).create(creation), 'the same create again');
      expectThat(again.providerId === first.providerId, `first ${first.providerId}, then ${again.providerId}`);
      return expectOne(world, creation.orderId, first.createdAt);
    },
  },
  {
    id: 'create.ten-at-once',
    rule: 'Ten requests at once under one key make one payment',
    why: 'An attempt that timed out may still run beside its successor. A key that is looked up before it is written lets both through.',
    reliedOnBy: 'activities/payment.ts chargeFirst',
    run: async (world) => {
      const creation = creationOf(world);
      const answers = fulfilled(await tenAtOnce(async () => (await world.another()).create(creation)));
      expectNoDecline(answers, 'one of ten at once');
      const { createdAt } = done(await world.adapter.create(creation), 'the same create afterwards');
      return `${answers.length} of ten answered; ${await expectOne(world, creation.orderId, createdAt)}`;
    },
  },
  {
    id: 'create.other-parameters',
    rule: 'A key that stands for another request is `stuck` or `refused`, and never done',
    why: 'An order that goes on after a deploy may ask for something else under an old key. `stuck` has it go on under the next key; done with the old amount charges what nobody asked for; a rejection declines a customer who could pay.',
    reliedOnBy: 'activities/payment.ts chargeFirst',
    run: async (world) => {
      const creation = creationOf(world);
      done(await world.adapter.create(creation), 'create');
      const answer = await world.adapter.create({ ...creation, amountMinor: 2 * AMOUNT_MINOR });
      expectThat('stuck' in answer || 'refused' in answer, `the key with another amount: ${describe(answer)}`);
      return describe(answer);
    },
  },
  {
    id: 'create.customer',
    rule: 'The same key twice makes one customer',
    why: 'A method is saved for the customer that we have stored. One that is saved for another can not be charged.',
    reliedOnBy: 'activities/payment.ts customerOf',
    run: async (world) => {
      if (world.module.savesMethods !== true) throw new NotTested('the module does not say savesMethods');
      const orderId = newOrder();
      const request = { key: keyOf(orderId, 'customer'), orderId };
      const { customerId } = done(await world.adapter.createCustomer(request), 'createCustomer');
      const again = done(await (await world.another()).createCustomer(request), 'the same createCustomer again');
      expectThat(again.customerId === customerId, `first ${customerId}, then ${again.customerId}`);
      return customerId;
    },
  },
  ...defaultCurrencies.map((currency) => exactIn(currency)),
  {
    id: 'amounts.shown',
    rule: 'The provider takes the amount for what we mean',
    why: 'An adapter that turns minor units into a decimal, and back, with the same wrong number of digits looks right from here, and charges ten times or a hundredth.',
    reliedOnBy: 'activities/payment.ts recordCapture',
    run: async (world) => {
      const shownAmount = lever(world.module.shownAmount, 'shownAmount');
      const told: string[] = [];
      for (const currency of world.module.currencies ?? defaultCurrencies) {
        const amountMinor = amounts[currency] ?? AMOUNT_MINOR;
        const { providerId } = await created(world, { currency, amountMinor });
        const shown = await shownAmount({ providerId, currency });
        const digits = minorDigits(currency);
        const expected = (amountMinor / 10 ** digits).toFixed(digits);
        expectThat(Number(shown) === Number(expected), `${expected} ${currency} are shown as ${shown}`);
        told.push(`${shown} ${currency}`);
      }
      return told.join(', ');
    },
  },
];

/** The list of the account has the payment once. */
async function expectOne(world: PaymentWorld, orderId: string, createdAt: string): Promise<string> {
  const payments = await paymentsOf(world, orderId, createdAt);
  expectThat(payments.length === 1, `the list has ${payments.length} payments of the order; expected one`);
  return 'the list has one payment of the order';
}

function exactIn(currency: string): PaymentCheck {
  const amountMinor = amounts[currency] ?? AMOUNT_MINOR;
  return {
    id: `amounts.${currency}`,
    rule: `${amountMinor} ${currency} (${minorDigits(currency)} digits behind the point) are exactly that, created and captured`,
    why: 'An order is worth its total in minor units. What is captured and differs parks the order, with the money taken.',
    reliedOnBy: 'activities/payment.ts recordCapture',
    run: async (world) => {
      if (!(world.module.currencies ?? defaultCurrencies).includes(currency))
        throw new NotTested(`the module's currencies have no ${currency}`);
      const made = await created(world, { currency, amountMinor });
      const before = await found(world, made);
      expectThat(
        before.amountMinor === amountMinor && before.currency === currency,
        `found ${before.amountMinor} ${before.currency}`,
      );
      const after = done(await world.adapter.confirm(confirmationOf(made)), 'confirm');
      expectThat(
        after.capturedMinor === amountMinor && after.currency === currency,
        `captured ${after.capturedMinor} ${after.currency}`,
      );
      return `captured ${after.capturedMinor} ${after.currency}`;
    },
  };
}
