// The words of a notice: a text with placeholders, and what stands in their place. What must stay true: what a customer, or a shop's
// catalogue, brings is text and nothing else: it begins no line of a header, and is not read for placeholders again.
import { isAboutPayment, type NoticeKind } from './customer-notice.ts';
import { formatMoney } from './money.ts';
import type { RejectionCode } from './rejection.ts';

/** A text with placeholders: `{total}`. A line whose placeholder has nothing to say is left out. */
export type NoticeTemplate = { subject: string; text: string };

/** What is said in one language. `reasons`: why an order was rejected, by code. */
export type Wording = {
  templates: Readonly<Partial<Record<NoticeKind, NoticeTemplate>>>;
  reasons: Readonly<Partial<Record<RejectionCode, string>>>;
};
/** By language, or language and country: `de`, `de-AT`. */
export type Wordings = Readonly<Record<string, Wording>>;

/** What is known when a notice is written. Instants are ISO strings; null: there is none. */
export type NoticeFacts = {
  kind: NoticeKind;
  orderId: string;
  name: string | null;
  currency: string;
  totalMinor: number;
  refundedMinor: number;
  items: readonly { sku: string; name: string; quantity: number; unitPriceMinor: number }[];
  /** What it is about, of the items: what is in a parcel, what is missing, what came back. */
  units: readonly { sku: string; quantity: number }[];
  amountMinor: number | null;
  rejectionCode: RejectionCode | null;
  trackingNumber: string | null;
  until: string | null;
};

/** How the shop wants it written. `orderUrl`: its page of an order, with `{order}` in it. */
export type NoticeStyle = {
  shop: string;
  orderUrl: string | null;
  /** Where nobody said which language. */
  locale: string;
  timeZone: string;
};

const everywhere = ['shop', 'order', 'name', 'link', 'total', 'items'] as const;
export type Placeholder =
  (typeof everywhere)[number] | 'until' | 'tracking' | 'units' | 'amount' | 'refunded' | 'reason';

/** What a text about this may speak of. */
export function placeholdersOf(kind: NoticeKind): readonly Placeholder[] {
  const own: Partial<Record<NoticeKind, readonly Placeholder[]>> = {
    rejected: ['reason'],
    cancelled: ['refunded'],
    shipped: ['units', 'tracking'],
    delivered: ['units', 'tracking'],
    refunded: ['amount', 'refunded'],
    'backorder-delayed': ['units', 'until'],
    'backorder-expired': ['units'],
    'return-received': ['units'],
  };
  return [...everywhere, ...(isAboutPayment(kind) ? (['until'] as const) : []), ...(own[kind] ?? [])];
}

/** Every `{word}` of a text. */
export const placeholdersIn = (text: string): string[] => [...text.matchAll(PLACEHOLDER)].map(([, name = '']) => name);

const PLACEHOLDER = /\{([A-Za-z]+)\}/g;

/**
 * The mail. `locale`: the customer's; words are looked for in it, in its language, in the shop's locale and language, and in English. Amounts
 * and days are written as the language of the words has it.
 */
export function writeNotice(
  facts: NoticeFacts,
  { locale, style, wordings }: { locale: string | null; style: NoticeStyle; wordings: Wordings },
): { subject: string; text: string; language: string } {
  const wanted = [...(locale === null ? [] : fallbacksOf(locale)), ...fallbacksOf(style.locale), 'en'];
  const language = wanted.find((one) => wordings[one]?.templates[facts.kind]);
  const template = language === undefined ? undefined : wordings[language]?.templates[facts.kind];
  if (language === undefined || !template) throw new Error(`Expected words for a notice ${facts.kind}; found none`);
  // Who asked for de-AT and is told in German has amounts as in Austria.
  const writtenFor =
    [locale, style.locale].find((one) => one !== null && fallbacksOf(one).includes(language)) ?? language;
  const code = facts.rejectionCode;
  const reasons = [...fallbacksOf(language), 'en'].map((one) => (code === null ? null : wordings[one]?.reasons[code]));
  const values = valuesOf(facts, { style, locale: writtenFor, reason: reasons.find((one) => one) ?? null });
  return {
    subject: oneLine(fill(template.subject, values)),
    text: `${fill(template.text, values)
      .replace(/\n{3,}/g, '\n\n')
      .trim()}\n`,
    language,
  };
}

/** `de-AT`, then `de`. */
const fallbacksOf = (locale: string): string[] => {
  const [language = ''] = locale.split('-');
  return language === locale ? [locale] : [locale, language];
};

type Values = Readonly<Record<Placeholder, string>>;

function valuesOf(
  facts: NoticeFacts,
  { style, locale, reason }: { style: NoticeStyle; locale: string; reason: string | null },
): Values {
  const money = (amountMinor: number): string => formatMoney(amountMinor, facts.currency, locale);
  const nameOf = (sku: string): string => facts.items.find((item) => item.sku === sku)?.name ?? sku;
  return {
    shop: style.shop,
    order: facts.orderId,
    name: facts.name ?? '',
    link: (style.orderUrl ?? '').replaceAll('{order}', facts.orderId),
    total: money(facts.totalMinor),
    items: facts.items
      .map(
        ({ name, quantity, unitPriceMinor }) => `${quantity} × ${oneLine(name)}: ${money(quantity * unitPriceMinor)}`,
      )
      .join('\n'),
    units: facts.units.map(({ sku, quantity }) => `${quantity} × ${oneLine(nameOf(sku))}`).join('\n'),
    amount: facts.amountMinor === null ? '' : money(facts.amountMinor),
    refunded: facts.refundedMinor === 0 ? '' : money(facts.refundedMinor),
    reason: reason ?? '',
    tracking: facts.trackingNumber ?? '',
    until: facts.until === null ? '' : sayInstant(facts.until, locale, style.timeZone),
  };
}

const sayInstant = (instant: string, locale: string, timeZone: string): string =>
  new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeStyle: 'long', timeZone }).format(new Date(instant));

/** Line by line, in one pass: what was put in is not looked at again. */
function fill(text: string, values: Values): string {
  const isKnown = (name: string): name is Placeholder => name in values;
  return text
    .split('\n')
    .filter((line) => placeholdersIn(line).every((name) => !isKnown(name) || values[name] !== ''))
    .map((line) => line.replace(PLACEHOLDER, (whole, name: string) => (isKnown(name) ? values[name] : whole)))
    .join('\n');
}

const oneLine = (text: string): string => text.replace(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, ' ').trim();
