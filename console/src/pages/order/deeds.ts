// For each action that is possible now, the dialog in which it is decided.
import { money, parseMoney, readable, words } from '../../lib/format.ts';
import type { Action, Order, Units } from '../../lib/types.ts';
import type { Deed, Field } from '../../ui/deed.tsx';

type About = { order: Order; version: string };
type Make = (action: Action, about: About) => Deed[];

const reason: Field = { name: 'reason', label: 'Reason', required: true, hint: 'Stands in the order’s events' };

/** None for an action that this console does not know yet. */
export const deedsOf: Make = (action, about) => makers[action.name]?.(action, about) ?? [];

const resolve: Make = ({ parked }, { order }) => {
  if (!parked) return [];
  const { step, since, workflowId, choices, valueToSkip } = parked;
  return choices.map((choice) => ({
    name: `${order.id}.resolve.${workflowId}.${since}.${choice}`,
    title: `${choice.slice(0, 1).toUpperCase()}${choice.slice(1)} ${words(step)}`,
    does: `${meanings[choice] ?? ''} It is parked because: ${readable(parked.reason)}`,
    button: `Decide: ${choice}`,
    path: `/orders/${order.id}/resolution`,
    fields: [
      ...(choice === 'skip' && valueToSkip
        ? [{ name: 'value', label: 'Done by hand', hint: `Give ${valueToSkip}`, required: true }]
        : []),
      reason,
    ],
    // About this parking alone: if it parks anew meanwhile, nothing is decided.
    body: (draft) => ({
      ...{ action: choice, step, workflowId, since, reason: draft['reason'] },
      ...(draft['value'] ? { value: draft['value'] } : {}),
    }),
  }));
};

const meanings: Record<string, string> = {
  retry: 'The step is tried again.',
  skip: 'The step counts as done, without being done here.',
  compensate: 'The order is undone: what was taken goes back, what was held is free.',
};

const cancel: Make = (_action, { order }) => [
  {
    name: `${order.id}.cancel`,
    title: 'Cancel the order',
    does: 'It ends cancelled once all of it is undone: the payment void or given back, the stock free.',
    button: 'Cancel the order',
    path: `/orders/${order.id}/cancel`,
    fields: [reason],
    body: (draft) => ({ reason: draft['reason'] }),
  },
];

const review: Make = (_action, { order }) =>
  (['approve', 'reject'] as const).map((decision) => ({
    name: `${order.id}.review.${decision}`,
    title: decision === 'approve' ? 'Approve the order' : 'Reject the order',
    does: decision === 'approve' ? 'It goes on to be charged.' : 'It ends rejected, nothing charged, its stock free.',
    button: decision === 'approve' ? 'Approve it' : 'Reject it',
    path: `/orders/${order.id}/review`,
    fields: [reason],
    body: (draft) => ({ decision, reason: draft['reason'] }),
  }));

const refund: Make = ({ leftMinor = 0 }, { order }) => [
  {
    name: `${order.id}.refund`,
    title: 'Refund',
    does: `${money(leftMinor, order.currency)} is left to be refunded. It goes back to what the order was paid with.`,
    button: 'Refund it',
    path: `/orders/${order.id}/refunds`,
    initial: { how: 'amount' },
    fields: [
      {
        ...{ name: 'how', label: 'How much' },
        choices: [
          ['amount', 'an amount'],
          ['all', `all that is left (${money(leftMinor, order.currency)})`],
        ],
      },
      {
        ...{ name: 'amount', label: `Amount in ${order.currency}`, pointer: '/amountMinor', required: true },
        shown: ({ how }) => how !== 'all',
      },
      reason,
    ],
    body: (draft) => {
      if (draft['how'] === 'all') return { reason: draft['reason'] };
      const amountMinor = parseMoney(draft['amount'] ?? '', order.currency);
      if (amountMinor === null || amountMinor === 0) return `Give an amount in ${order.currency}, such as 12.50.`;
      return { amountMinor, reason: draft['reason'] };
    },
  },
];

/** A field for each product of which there are units. */
const unitFields = (units: readonly Units[], label: (sku: string) => string): Field[] =>
  units.map(({ sku, quantity }) => ({
    name: `units.${sku}`,
    label: label(sku),
    type: 'number',
    pointer: '/items',
    hint: `At most ${quantity}`,
  }));

const unitsIn = (draft: Record<string, string>, units: readonly Units[]): Units[] =>
  units
    .map(({ sku }) => ({ sku, quantity: Number(draft[`units.${sku}`] ?? 0) }))
    .filter(({ quantity }) => quantity > 0);

const returning: Make = ({ units = [] }, { order }) => [
  {
    name: `${order.id}.return`,
    title: 'Take something back',
    does: 'Asks whether these units may come back. Somebody approves it, then the goods are waited for.',
    button: 'Ask for it',
    path: `/orders/${order.id}/returns`,
    fields: [...unitFields(units, (sku) => `Units of ${sku}`), reason],
    body: (draft) => {
      const items = unitsIn(draft, units);
      return items.length === 0 ? 'Say how many units come back.' : { items, reason: draft['reason'] };
    },
  },
];

const decideReturn: Make = ({ number = 0 }, { order }) =>
  (['approve', 'reject'] as const).map((decision) => ({
    name: `${order.id}.return.${number}.${decision}`,
    title: `${decision === 'approve' ? 'Approve' : 'Reject'} return ${number}`,
    does: decision === 'approve' ? 'The goods may come, and are waited for.' : 'The goods may not come back.',
    button: decision === 'approve' ? 'Approve it' : 'Reject it',
    path: `/orders/${order.id}/returns/${number}/${decision}`,
    fields: [reason],
    body: (draft) => ({ reason: draft['reason'] }),
  }));

const receiveReturn: Make = ({ number = 0 }, { order }) => {
  const asked = order.returns.find((one) => one.number === number)?.items ?? [];
  return [
    {
      name: `${order.id}.return.${number}.receive`,
      title: `Receive the goods of return ${number}`,
      does: 'What came is given back for; what is fit for sale goes on the shelf again.',
      button: 'It is here',
      path: `/orders/${order.id}/returns/${number}/receive`,
      initial: {
        disposition: 'restock',
        ...Object.fromEntries(asked.map(({ sku, quantity }) => [`units.${sku}`, String(quantity)])),
      },
      fields: [
        ...unitFields(asked, (sku) => `Units of ${sku} that came`),
        {
          ...{ name: 'disposition', label: 'What becomes of them' },
          choices: [
            ['restock', 'on the shelf again'],
            ['write_off', 'written off'],
          ],
        },
        reason,
      ],
      body: (draft) => {
        const items = unitsIn(draft, asked).map((units) => ({ ...units, disposition: draft['disposition'] }));
        return items.length === 0 ? 'Say how many units came.' : { items, reason: draft['reason'] };
      },
    },
  ];
};

const pack: Make = ({ number = 0 }, { order }) => {
  const items = order.shipments.find((one) => one.number === number)?.items ?? [];
  return [
    {
      name: `${order.id}.pack.${number}`,
      title: `Shipment ${number} is packed`,
      does: `In it: ${items.map(({ sku, quantity }) => `${quantity} × ${sku}`).join(', ')}. The carrier’s label is made next.`,
      button: 'It is packed',
      path: `/orders/${order.id}/shipments/${number}/packed`,
      fields: [],
      // What the person saw: refused where the order was changed meanwhile.
      body: () => ({ items }),
    },
  ];
};

const method: Field = {
  name: 'paymentMethod',
  label: 'Payment method',
  hint: 'Its id at the provider, such as pm_card_visa',
};

const givePaymentMethod: Make = (_action, { order }) => [
  {
    name: `${order.id}.payment-method`,
    title: 'Give another payment method',
    does: 'The last one was declined; the order is charged to this one instead.',
    button: 'Charge this one',
    path: `/orders/${order.id}/payment-method`,
    fields: [{ ...method, required: true }],
    body: (draft) => ({ paymentMethod: draft['paymentMethod'] }),
  },
];

const amend: Make = (_action, { order, version }) => [
  {
    name: `${order.id}.amend`,
    title: 'Change the lines',
    does: 'All lines as they are to be. The difference is charged, or goes back; or the order stays as it was and says why.',
    button: 'Change it',
    path: `/orders/${order.id}/amendments`,
    headers: { 'If-Match': version },
    initial: Object.fromEntries(order.items.map(({ sku, quantity }) => [`units.${sku}`, String(quantity)])),
    fields: [
      ...order.items.map(({ sku, name }) => ({
        name: `units.${sku}`,
        label: `Units of ${name}`,
        type: 'number',
        pointer: '/items',
        // Emptied by mistake it would be none.
        required: true,
      })),
      { ...method, hint: 'Needed where it becomes dearer, unless one was saved with the order' },
      reason,
    ],
    body: (draft) => {
      const items = unitsIn(draft, order.items);
      if (items.length === 0) return 'An order without lines is a cancelled one: cancel it.';
      const { paymentMethod } = draft;
      return { items, ...(paymentMethod ? { paymentMethod } : {}), reason: draft['reason'] };
    },
  },
];

const makers: Record<string, Make> = {
  resolve,
  review,
  'give-payment-method': givePaymentMethod,
  pack,
  cancel,
  amend,
  refund,
  return: returning,
  'decide-return': decideReturn,
  'receive-return': receiveReturn,
};
