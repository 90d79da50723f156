import { describe, expectThat, lever, NotTested } from '../check.ts';
import {
  AMOUNT_MINOR,
  confirmationOf,
  created,
  done,
  found,
  keyOf,
  paid,
  PART_MINOR,
  REST_MINOR,
  type Made,
  type PaymentCheck,
  type PaymentWorld,
} from './world.ts';

const captureOf = (
  { orderId, providerId }: Made,
  { amountMinor, isFinal, ordinal = 1 }: { amountMinor: number; isFinal: boolean; ordinal?: number },
) => ({ key: keyOf(orderId, 'capture', ordinal), providerId, amountMinor, isFinal });

export const capturing: readonly PaymentCheck[] = [
  {
    id: 'authorize.takes-nothing',
    rule: 'A payment that is captured as its order ships is only authorized when it is confirmed',
    why: 'Money of goods that have not left is not ours yet, and in many places may not be taken.',
    reliedOnBy: 'activities/payment.ts adopt',
    run: async (world) => {
      const { state, capturedMinor, amountMinor } = await found(world, await authorized(world));
      expectThat(state.kind === 'authorized' && capturedMinor === 0, `${state.kind}, ${capturedMinor} captured`);
      expectThat(amountMinor === AMOUNT_MINOR, `authorized for ${amountMinor}; expected ${AMOUNT_MINOR}`);
      return `authorized for ${amountMinor}`;
    },
  },
  {
    id: 'authorize.cancelled',
    rule: 'What is only authorized can be cancelled',
    why: 'The order is cancelled before anything has left: the customer’s money must be theirs again.',
    reliedOnBy: 'activities/refund.ts voidUnlessCaptured',
    run: async (world) => {
      const made = await authorized(world);
      const key = keyOf(made.orderId, 'void');
      done(await world.adapter.cancel({ key, providerId: made.providerId }), 'cancel');
      const { state, capturedMinor } = await found(world, made);
      expectThat(state.kind === 'cancelled' && capturedMinor === 0, `${state.kind}, ${capturedMinor} captured`);
      return 'cancelled';
    },
  },
  {
    id: 'capture.part',
    rule: 'A final capture of a part takes that part, and the payment is over',
    why: 'One of two parcels left, the other never will. Taken whole, the customer pays for what they do not get.',
    reliedOnBy: 'activities/capture.ts captureNext',
    run: async (world) => {
      const made = await authorized(world);
      const last = captureOf(made, { amountMinor: PART_MINOR, isFinal: true });
      const answer = done(await world.adapter.capture(last), 'capture');
      expectThat(answer.capturedMinor === PART_MINOR, `${answer.capturedMinor} were captured; expected ${PART_MINOR}`);
      const { state, capturedMinor } = await found(world, made);
      expectThat(
        state.kind === 'captured' && capturedMinor === PART_MINOR,
        `found ${state.kind}, ${capturedMinor} captured; expected captured, ${PART_MINOR}`,
      );
      return `${PART_MINOR} of ${AMOUNT_MINOR}`;
    },
  },
  {
    id: 'capture.same-key',
    rule: 'A capture under the same key, also from another process, is one capture',
    why: 'It is asked for again after every lost answer; twice is the same parcel paid twice.',
    reliedOnBy: 'activities/capture.ts captureNext',
    run: async (world) => {
      const made = await authorized(world);
      const isFinal = world.module.captures !== 'several';
      const part = captureOf(made, { amountMinor: PART_MINOR, isFinal });
      done(await world.adapter.capture(part), 'capture');
      const again = await (await world.another()).capture(part);
      const { capturedMinor } = await found(world, made);
      expectThat(
        capturedMinor === PART_MINOR,
        `${capturedMinor} were captured; expected ${PART_MINOR}: ${describe(again)}`,
      );
      return `${capturedMinor} after two requests`;
    },
  },
  {
    id: 'capture.too-much',
    rule: 'More than is authorized is refused, and nothing is taken',
    why: 'A capture that is cut down without a word looks done, and leaves a parcel unpaid that nobody asks about.',
    reliedOnBy: 'activities/capture.ts captureNext',
    run: async (world) => {
      const made = await authorized(world);
      const answer = await world.adapter.capture(captureOf(made, { amountMinor: 2 * AMOUNT_MINOR, isFinal: true }));
      expectThat(!('done' in answer), `twice the authorized amount: ${describe(answer)}`);
      const { capturedMinor } = await found(world, made);
      expectThat(capturedMinor === 0, `${capturedMinor} were captured`);
      return describe(answer);
    },
  },
  {
    id: 'capture.several',
    rule: 'Captures of several parcels add up, and the payment says that it allows several',
    why: 'Each parcel is captured for as it leaves, where the payment allows it; otherwise all is captured with the first.',
    reliedOnBy: 'activities/capture.ts captureNext',
    run: async (world) => {
      const made = await several(world);
      const { authorization } = await found(world, made);
      expectThat(authorization?.isMultiple === true, `find says ${describe(authorization)}; expected isMultiple`);
      done(await world.adapter.capture(captureOf(made, { amountMinor: PART_MINOR, isFinal: false })), 'capture');
      const between = await found(world, made);
      expectThat(
        between.state.kind === 'authorized' && between.capturedMinor === PART_MINOR,
        `after the first part: ${between.state.kind}, ${between.capturedMinor} captured`,
      );
      const rest = captureOf(made, { amountMinor: REST_MINOR, isFinal: true, ordinal: 2 });
      done(await world.adapter.capture(rest), 'the second capture');
      const { state, capturedMinor } = await found(world, made);
      expectThat(state.kind === 'captured' && capturedMinor === AMOUNT_MINOR, `${state.kind}, ${capturedMinor}`);
      return `${PART_MINOR}, then ${REST_MINOR}`;
    },
  },
  {
    id: 'capture.release',
    rule: 'A final capture of 0 takes nothing more, and ends the payment',
    why: 'The order is cancelled after its first parcel: what is held of the rest must be the customer’s again before the part is given back.',
    reliedOnBy: 'activities/refund.ts releaseRest',
    run: async (world) => {
      const made = await several(world);
      done(await world.adapter.capture(captureOf(made, { amountMinor: PART_MINOR, isFinal: false })), 'capture');
      const key = keyOf(made.orderId, 'release');
      const release = { key, providerId: made.providerId, amountMinor: 0, isFinal: true };
      const { state, capturedMinor } = done(await world.adapter.capture(release), 'the release');
      expectThat(state.kind === 'captured' && capturedMinor === PART_MINOR, `${state.kind}, ${capturedMinor}`);
      return `${PART_MINOR} captured, the rest is released`;
    },
  },
];

export async function authorized(world: PaymentWorld): Promise<Made> {
  lever(world.module.captures, 'captures');
  return paid(world, { capture: 'per-shipment' });
}

async function several(world: PaymentWorld): Promise<Made> {
  if (world.module.captures !== 'several') throw new NotTested("the module does not say captures: 'several'");
  const made = await created(world, { capture: 'per-shipment' });
  done(await world.adapter.confirm(confirmationOf(made, 'per-shipment')), 'confirm');
  return made;
}
