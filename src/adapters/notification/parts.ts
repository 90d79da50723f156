// Puts together what telling customers needs, by the settings; nothing where there is no mail server.
import type { Client } from '@temporalio/client';
import { noticeKinds, type NoticeKind } from '../../domain/customer-notice.ts';
import { writeNotice, type NoticeFacts, type Wordings } from '../../domain/notice-text.ts';
import type { MailSender, NoticeMatter, NoticeParts } from '../../ports/customer-notice.ts';
import { ConfigurationError } from '../../runtime/config.ts';
import type { CrashPoints } from '../../runtime/crash-points.ts';
import { maxAgeMsOf, type Mailbox, type NoticeSettings } from '../../runtime/notice-settings.ts';
import { crashBeforeCommit } from '../postgres/crash-before-commit.ts';
import type { Database } from '../postgres/database.ts';
import { createNoticeFeed, createNoticeMarks } from '../postgres/notice-feed.ts';
import { createNoticeRecords } from '../postgres/notice-work.ts';
import { createNoticeStarter } from '../temporal/notice-starter.ts';
import { createSmtpSender } from './smtp.ts';
import { readWordings } from './templates.ts';

/** Beyond a mail's own time, before its try is taken for lost. */
const LEASE_SLACK_MS = 5_000;

type Options = { settings: NoticeSettings; db: Database; client: Client; crashPoints: CrashPoints };

/** Throws ConfigurationError where the settings, or the shop's own words, are wrong. */
export async function openNotices({ settings, db, client, crashPoints }: Options) {
  const { SMTP_URL: target, SMTP_FROM: from, SMTP_TIMEOUT_MS: timeoutMs, SMTP_CONNECTIONS: connections } = settings;
  if (!target || !from) return null;
  const kinds = kindsOf(settings);
  const wordings = await readWordings(settings.NOTICE_TEMPLATES);
  const { around, beforeCommit } = crashPoints;
  const crashing = crashBeforeCommit(db, beforeCommit);
  const smtp = createSmtpSender({ target, from, timeoutMs, connections });
  const sender: MailSender = around('mailSender', { send: smtp.send });
  const parts: NoticeParts = {
    feed: around('noticeFeed', createNoticeFeed({ db: crashing })),
    marks: around('noticeMarks', createNoticeMarks({ db })),
    starter: around('noticeStarter', createNoticeStarter({ client, firstPauseMs: settings.NOTICE_FIRST_PAUSE_MS })),
    kinds,
    maxAgeMs: maxAgeMsOf(settings),
    paymentDelayMs: settings.NOTICE_PAYMENT_DELAY_SECONDS * 1_000,
    fault: smtp.fault,
  };
  return {
    parts,
    close: smtp.close,
    /** What its activities need. */
    ports: {
      records: around('customerNotices', createNoticeRecords({ db: crashing })),
      sender,
      write: createWriter({ settings, wordings, from }),
      domain: domainOf(from),
      leaseMs: timeoutMs + LEASE_SLACK_MS,
    },
    atOnce: connections,
    perSecond: settings.NOTICES_PER_SECOND,
  };
}

function kindsOf({ NOTICE_KINDS: wanted }: NoticeSettings): readonly NoticeKind[] {
  if (!wanted) return noticeKinds;
  const isKind = (text: string): text is NoticeKind => (noticeKinds as readonly string[]).includes(text);
  if (!wanted.every(isKind))
    throw new ConfigurationError([`NOTICE_KINDS: expected some of ${noticeKinds.join(', ')}, with commas between`]);
  return wanted;
}

const domainOf = ({ address }: Mailbox): string => address.slice(address.lastIndexOf('@') + 1);

function createWriter({ settings, wordings, from }: { settings: NoticeSettings; wordings: Wordings; from: Mailbox }) {
  const style = {
    shop: from.name ?? domainOf(from),
    orderUrl: settings.NOTICE_ORDER_URL ?? null,
    locale: settings.NOTICE_LOCALE,
    timeZone: settings.NOTICE_TIME_ZONE,
  };
  return (matter: NoticeMatter) => writeNotice(factsOf(matter), { locale: matter.contact.locale, style, wordings });
}

/** What the event says, else how the order is now. */
export function factsOf({ kind, number, order, event: { data }, contact }: NoticeMatter): NoticeFacts {
  const shipment =
    kind === 'shipped' || kind === 'delivered' ? order.shipments.find((one) => one.number === number) : null;
  return {
    kind,
    orderId: order.id,
    name: contact.name,
    currency: order.currency,
    totalMinor: order.totalMinor,
    refundedMinor: order.payment.refundedMinor,
    items: order.items,
    units: shipment ? shipment.items : unitsOf(data['items']),
    amountMinor: typeof data['amountMinor'] === 'number' ? data['amountMinor'] : null,
    rejectionCode: order.rejection?.code ?? null,
    trackingNumber: shipment?.trackingNumber ?? null,
    until: typeof data['until'] === 'string' ? data['until'] : null,
  };
}

type Item = { sku?: unknown; quantity?: unknown; restocked?: unknown; writtenOff?: unknown };

/** Of what came back, on the shelf or not, all of it. */
function unitsOf(items: unknown): { sku: string; quantity: number }[] {
  if (!Array.isArray(items)) return [];
  return (items as Item[]).flatMap(({ sku, quantity, restocked, writtenOff }) => {
    const count = typeof quantity === 'number' ? quantity : Number(restocked ?? 0) + Number(writtenOff ?? 0);
    return typeof sku === 'string' && count > 0 ? [{ sku, quantity: count }] : [];
  });
}
