// What must not stand in a history or a log. They look at what all others have seen, and come last.
import { expectThat, NotTested, outcomeOf } from '../check.ts';
import { confirmationOf, created, keyOf, type PaymentCheck } from './world.ts';

export const keepingSecrets: readonly PaymentCheck[] = [
  {
    id: 'secrets.client-secret',
    rule: 'The client secret comes from findClientSecret alone: it stands in no other answer, and in no error',
    why: 'With it anybody can finish the payment, and see what it is for. What answers and errors say comes to stand in histories and logs.',
    reliedOnBy: 'ports/payment.ts findClientSecret',
    run: async (world) => {
      const { adapter, said } = world;
      const { needsCustomer, succeeds } = world.module.methods;
      const made = await created(world, { method: needsCustomer ?? succeeds });
      const answer = await adapter.findClientSecret(made);
      if (!('done' in answer)) throw new NotTested('the payment has no client secret before it is confirmed');
      await outcomeOf(() => adapter.confirm(confirmationOf(made)));
      await adapter.find(made);
      // An error that quotes the part of an answer that it could not read.
      if (world.module.upstream !== undefined)
        await world.proxy().during({ kind: 'half' }, () => outcomeOf(() => adapter.find(made)));
      await outcomeOf(() => adapter.cancel({ key: keyOf(made.orderId, 'void'), providerId: made.providerId }));
      const calls = said.callsThatTell(answer.done);
      expectThat(calls.length === 0, `it stands in what came of ${calls.join(', ')}`);
      return 'it stands in nothing else';
    },
  },
];
