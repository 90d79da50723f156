import { z } from 'zod';
import { isLoopback } from './loopback.ts';

/** A mail server, and who speaks to it. `isTls`: from the first byte; else it has to be by STARTTLS, but on this machine. */
export type SmtpTarget = {
  host: string;
  port: number;
  isTls: boolean;
  mustUpgrade: boolean;
  user: { name: string; password: string } | null;
};
export type Mailbox = { name: string | null; address: string };

const PORTS = { 'smtp:': 587, 'smtps:': 465 };
const HOUR_MS = 3_600_000;

/** Of whoever tells customers by mail. */
export const noticeSettings = {
  /** smtp://user:password@host:port, or smtps; without it nobody is told anything. */
  SMTP_URL: z.string().transform(readSmtpUrl).optional(),
  /** Who the mails are from: `Shop <orders@shop.example>`, or the address alone. */
  SMTP_FROM: z.string().max(300).transform(readMailbox).optional(),
  /** Of one mail, from its connection to the server's last word. */
  SMTP_TIMEOUT_MS: z.coerce.number().int().min(100).max(120_000).default(30_000),
  /** Of one process to the server. */
  SMTP_CONNECTIONS: z.coerce.number().int().min(1).max(50).default(3),
  /** By all processes together. */
  NOTICES_PER_SECOND: z.coerce.number().positive().max(1_000).default(10),
  /** Which are sent; without it all of them. */
  NOTICE_KINDS: z
    .string()
    .transform((text) => text.split(',').map((kind) => kind.trim()))
    .optional(),
  /** What is older is not told any more, and until when one is tried. */
  NOTICE_MAX_AGE_HOURS: z.coerce
    .number()
    .positive()
    .max(14 * 24)
    .default(48),
  /** Between the first two tries; it doubles, up to a quarter of an hour. */
  NOTICE_FIRST_PAUSE_MS: z.coerce.number().int().min(100).max(900_000).default(10_000),
  /** Who has to pay is usually about to: told only when it is still so after this. */
  NOTICE_PAYMENT_DELAY_SECONDS: z.coerce.number().int().min(0).max(3_600).default(120),
  /** Where a customer did not say which language. */
  NOTICE_LOCALE: z
    .string()
    .regex(/^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/, 'expected a locale such as en or de-AT')
    .refine(isLocale, 'expected a locale such as en or de-AT')
    .default('en'),
  NOTICE_TIME_ZONE: z.string().refine(isTimeZone, 'expected a time zone such as Europe/Berlin').default('UTC'),
  /** The shop's page of an order. */
  NOTICE_ORDER_URL: z
    .url()
    .regex(/^https?:\/\/.*\{order\}/, 'expected an address of the shop with {order} in it')
    .optional(),
  /** A folder of words of the shop's own. */
  NOTICE_TEMPLATES: z.string().optional(),
};
export type NoticeSettings = z.infer<z.ZodObject<typeof noticeSettings>>;

export const maxAgeMsOf = ({ NOTICE_MAX_AGE_HOURS: hours }: NoticeSettings): number => Math.round(hours * HOUR_MS);

/** A mail without a sender is refused by whoever gets it. */
export const noticeConflictOf = ({
  SMTP_URL,
  SMTP_FROM,
}: Pick<NoticeSettings, 'SMTP_URL' | 'SMTP_FROM'>): string | null =>
  SMTP_URL && !SMTP_FROM ? 'SMTP_FROM: SMTP_URL needs to know who the mails are from' : null;

/** Never says what stands there: it has a password in it. */
function readSmtpUrl(text: string, context: z.RefinementCtx): SmtpTarget {
  const url = URL.canParse(text) ? new URL(text) : null;
  const problem = url ? problemOf(url) : 'expected smtp://user:password@host:port';
  if (!url || problem !== null) {
    context.addIssue({ code: 'custom', message: problem ?? 'expected a URL' });
    return z.NEVER;
  }
  const isTls = url.protocol === 'smtps:';
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const [name, password] = [decodeURIComponent(url.username), decodeURIComponent(url.password)];
  return {
    host,
    port: url.port === '' ? PORTS[isTls ? 'smtps:' : 'smtp:'] : Number(url.port),
    isTls,
    mustUpgrade: !isTls && !isLoopback(host),
    user: name === '' ? null : { name, password },
  };
}

function problemOf(url: URL): string | null {
  if (!(url.protocol in PORTS)) return 'expected a URL that begins with smtp:// or smtps://';
  if (url.hostname === '') return 'expected a host';
  if ((url.username === '') !== (url.password === '')) return 'expected a user and a password, or neither';
  if (![url.username, url.password].every(isEncoded))
    return 'expected % in user and password only where it begins an encoded character';
  if (url.pathname.length > 1 || url.search !== '' || url.hash !== '') return 'expected nothing behind the port';
  return null;
}

function isEncoded(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

function readMailbox(text: string, context: z.RefinementCtx): Mailbox {
  const [, name = '', bracketed, bare] = /^(?:([^<>\p{Cc}]*)<([^<>\s]+)>|([^<>\s]+))$/u.exec(text.trim()) ?? [];
  const address = z
    .email()
    .max(254)
    .safeParse(bracketed ?? bare);
  if (address.success) return { name: name.trim().replace(/^"(.*)"$/, '$1') || null, address: address.data };
  context.addIssue({ code: 'custom', message: 'expected Shop <orders@shop.example>, or the address alone' });
  return z.NEVER;
}

function isLocale(text: string): boolean {
  try {
    return Intl.getCanonicalLocales(text).length === 1;
  } catch {
    return false;
  }
}

function isTimeZone(text: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: text }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}
