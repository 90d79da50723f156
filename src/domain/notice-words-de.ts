import type { Wording } from './notice-text.ts';
import { RejectionCode } from './rejection.ts';

export const german: Wording = {
  templates: {
    confirmed: {
      subject: 'Ihre Bestellung {order} ist bestätigt',
      text: `Guten Tag {name},

vielen Dank für Ihre Bestellung. Sie ist bestätigt:

{items}

Summe: {total}

Ihre Bestellung: {link}

{shop}`,
    },
    rejected: {
      subject: 'Ihre Bestellung {order} konnte nicht angenommen werden',
      text: `Guten Tag {name},

leider konnte Ihre Bestellung {order} nicht angenommen werden. Sie zahlen nichts dafür.

{reason}

{shop}`,
    },
    cancelled: {
      subject: 'Ihre Bestellung {order} ist storniert',
      text: `Guten Tag {name},

Ihre Bestellung {order} ist storniert. Es wird nichts mehr verschickt und nichts mehr berechnet.

Zurückgezahlt: {refunded}. Bis Ihre Bank das anzeigt, können einige Tage vergehen.

{shop}`,
    },
    'payment-action': {
      subject: 'Bitte bestätigen Sie die Zahlung Ihrer Bestellung {order}',
      text: `Guten Tag {name},

Ihre Bank möchte, dass Sie die Zahlung von {total} für Ihre Bestellung {order} bestätigen. Bis dahin halten wir sie für Sie zurück.

Bitte tun Sie das in unserem Shop bis {until}.

{link}

{shop}`,
    },
    'payment-method': {
      subject: 'Die Zahlung Ihrer Bestellung {order} wurde abgelehnt',
      text: `Guten Tag {name},

Ihre Bestellung {order} konnte nicht bezahlt werden: Die Zahlung von {total} wurde abgelehnt. Wir halten sie für Sie zurück, und Sie können auf andere Weise bezahlen.

Bitte tun Sie das in unserem Shop bis {until}.

{link}

{shop}`,
    },
    'backorder-delayed': {
      subject: 'Ein Teil Ihrer Bestellung {order} dauert länger',
      text: `Guten Tag {name},

auf einen Teil Ihrer Bestellung {order} warten wir noch:

{units}

Er wird verschickt, sobald er da ist. Sollte er bis {until} nicht gekommen sein, erhalten Sie das Geld dafür zurück.

{link}

{shop}`,
    },
    'backorder-expired': {
      subject: 'Ein Teil Ihrer Bestellung {order} kann nicht geliefert werden',
      text: `Guten Tag {name},

leider ist ein Teil Ihrer Bestellung {order} nicht eingetroffen und wird nicht verschickt:

{units}

Was Sie dafür bezahlt haben, wird zurückgezahlt.

{link}

{shop}`,
    },
    amended: {
      subject: 'Ihre Bestellung {order} wurde geändert',
      text: `Guten Tag {name},

Ihre Bestellung {order} wurde geändert. Sie umfasst nun:

{items}

Summe: {total}

{link}

{shop}`,
    },
    shipped: {
      subject: 'Ihre Bestellung {order} ist unterwegs',
      text: `Guten Tag {name},

ein Paket Ihrer Bestellung {order} ist unterwegs:

{units}

Sendungsnummer: {tracking}

{link}

{shop}`,
    },
    delivered: {
      subject: 'Ihre Bestellung {order} ist angekommen',
      text: `Guten Tag {name},

ein Paket Ihrer Bestellung {order} ist angekommen:

{units}

{link}

{shop}`,
    },
    refunded: {
      subject: 'Ihre Rückzahlung zur Bestellung {order}',
      text: `Guten Tag {name},

{amount} Ihrer Bestellung {order} wird Ihnen zurückgezahlt. Bis Ihre Bank das anzeigt, können einige Tage vergehen.

{link}

{shop}`,
    },
    'return-approved': {
      subject: 'Sie können zurücksenden (Bestellung {order})',
      text: `Guten Tag {name},

was Sie von Ihrer Bestellung {order} zurückgeben möchten, können Sie uns nun schicken.

{link}

{shop}`,
    },
    'return-rejected': {
      subject: 'Ihre Rückgabe zur Bestellung {order}',
      text: `Guten Tag {name},

leider können wir nicht zurücknehmen, was Sie von Ihrer Bestellung {order} zurückgeben möchten.

{link}

{shop}`,
    },
    'return-received': {
      subject: 'Ihre Rückgabe zur Bestellung {order} ist da',
      text: `Guten Tag {name},

was Sie von Ihrer Bestellung {order} zurückgeschickt haben, ist da:

{units}

{link}

{shop}`,
    },
  },
  reasons: {
    [RejectionCode.outOfStock]: 'Was Sie bestellt haben, ist nicht mehr vorrätig.',
    [RejectionCode.declined]: 'Die Zahlung wurde abgelehnt. Ihre Bank kann Ihnen sagen, warum.',
    [RejectionCode.methodRefused]: 'Auf die gewählte Weise konnte nicht bezahlt werden.',
    [RejectionCode.expired]: 'Die Zahlung wurde nicht rechtzeitig abgeschlossen.',
  },
};
