import type { Wording } from './notice-text.ts';
import { RejectionCode } from './rejection.ts';

// A shop may have words of its own (docs/notices.md): these say what happened, and no more. Why a review said no is not told.
export const english: Wording = {
  templates: {
    confirmed: {
      subject: 'Your order {order} is confirmed',
      text: `Dear {name},

thank you for your order. It is confirmed:

{items}

Total: {total}

Your order: {link}

{shop}`,
    },
    rejected: {
      subject: 'Your order {order} could not be accepted',
      text: `Dear {name},

we are sorry: your order {order} could not be accepted. You pay nothing for it.

{reason}

{shop}`,
    },
    cancelled: {
      subject: 'Your order {order} is cancelled',
      text: `Dear {name},

your order {order} is cancelled. Nothing more will be sent or charged.

Given back to you: {refunded}. Your bank may need a few days to show it.

{shop}`,
    },
    'payment-action': {
      subject: 'Please confirm the payment of your order {order}',
      text: `Dear {name},

your bank wants you to confirm the payment of {total} for your order {order}. Until then we keep it for you.

Please do so in our shop before {until}.

{link}

{shop}`,
    },
    'payment-method': {
      subject: 'The payment of your order {order} was declined',
      text: `Dear {name},

your order {order} could not be paid: the payment of {total} was declined. We keep it for you, and you can pay in another way.

Please do so in our shop before {until}.

{link}

{shop}`,
    },
    'backorder-delayed': {
      subject: 'A part of your order {order} takes longer',
      text: `Dear {name},

we still wait for a part of your order {order}:

{units}

It will be sent as soon as it is here. Should it not have come by {until}, you get the money for it back.

{link}

{shop}`,
    },
    'backorder-expired': {
      subject: 'A part of your order {order} can not be delivered',
      text: `Dear {name},

we are sorry: a part of your order {order} has not come in, and will not be sent:

{units}

What you have paid for it is given back to you.

{link}

{shop}`,
    },
    amended: {
      subject: 'Your order {order} was changed',
      text: `Dear {name},

your order {order} was changed. It is now:

{items}

Total: {total}

{link}

{shop}`,
    },
    shipped: {
      subject: 'Your order {order} is on its way',
      text: `Dear {name},

a parcel of your order {order} is on its way:

{units}

Tracking number: {tracking}

{link}

{shop}`,
    },
    delivered: {
      subject: 'Your order {order} has arrived',
      text: `Dear {name},

a parcel of your order {order} has arrived:

{units}

{link}

{shop}`,
    },
    refunded: {
      subject: 'Your refund for the order {order}',
      text: `Dear {name},

{amount} of your order {order} is given back to you. Your bank may need a few days to show it.

{link}

{shop}`,
    },
    'return-approved': {
      subject: 'You can send back what you asked for (order {order})',
      text: `Dear {name},

you can send back what you asked for of your order {order}.

{link}

{shop}`,
    },
    'return-rejected': {
      subject: 'Your return for the order {order}',
      text: `Dear {name},

we are sorry: we can not take back what you asked for of your order {order}.

{link}

{shop}`,
    },
    'return-received': {
      subject: 'Your return for the order {order} is here',
      text: `Dear {name},

what you have sent back of your order {order} is here:

{units}

{link}

{shop}`,
    },
  },
  reasons: {
    [RejectionCode.outOfStock]: 'What you ordered is no longer in stock.',
    [RejectionCode.declined]: 'The payment was declined. Your bank can tell you why.',
    [RejectionCode.methodRefused]: 'It could not be paid in the way that you chose.',
    [RejectionCode.expired]: 'The payment was not completed in time.',
  },
};
