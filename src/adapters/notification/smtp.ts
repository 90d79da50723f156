// Mails handed to a mail server. What must stay true: whether it may have taken one is never guessed from an error's words: it may have, from
// the moment it was given the whole of the mail, until it says no. And what it says goes nowhere: it likes to quote the address.
import { createTransport } from 'nodemailer';
import type { NoticeTry } from '../../domain/customer-notice.ts';
import type { Mail, MailSender } from '../../ports/customer-notice.ts';
import type { Mailbox, SmtpTarget } from '../../runtime/notice-settings.ts';

/** Of a whole mail's time, for the connection and the greeting: each a part. */
const GREETING_SHARE = 0.4;
/** A connection that nobody uses is given back: servers hang up on it soon. */
const IDLE_MS = 30_000;

type Options = { target: SmtpTarget; from: Mailbox; timeoutMs: number; connections: number };

/** `fault`: what the last try failed with that was not about its mail; null: the server is there. */
export function createSmtpSender({ target, from, timeoutMs, connections }: Options): MailSender & {
  fault: () => string | null;
  close: () => void;
} {
  const transport = openTransport({ target, timeoutMs, connections });
  /** Mails of which the server has everything. */
  const whole = new Set<string>();
  let fault: string | null = null;
  transport.use('stream', (mail, done) => {
    const id = String(mail.data.messageId);
    // Nothing stands behind it: its end is read when the connection has all of it, and only the last dot is missing.
    mail.message.processFunc((input) => input.once('end', () => whole.add(id)));
    done();
  });

  return {
    send: async (mail): Promise<NoticeTry> => {
      try {
        await transport.sendMail({ ...toMessage(mail, from), signal: AbortSignal.timeout(timeoutMs) });
        fault = null;
        return { outcome: 'sent' };
      } catch (error) {
        const result = resultOf(error, whole.has(mail.messageId));
        fault = isAboutMail(error) ? null : result.why;
        return result;
      } finally {
        whole.delete(mail.messageId);
      }
    },
    fault: () => fault,
    close: () => transport.close({ force: true }),
  };
}

function openTransport({ target, timeoutMs, connections }: Omit<Options, 'from'>) {
  const { host, port, isTls, mustUpgrade, user } = target;
  return createTransport({
    pool: true,
    ...{ host, port, secure: isTls, requireTLS: mustUpgrade },
    // On this machine nobody listens in, and what a relay or a mail catcher has for a certificate there is nobody's.
    ignoreTLS: !mustUpgrade,
    ...(user ? { auth: { user: user.name, pass: user.password } } : {}),
    maxConnections: connections,
    idleTimeout: IDLE_MS,
    // Who tries again is Temporal, and nobody else.
    maxRequeues: 0,
    connectionTimeout: Math.ceil(timeoutMs * GREETING_SHARE),
    greetingTimeout: Math.ceil(timeoutMs * GREETING_SHARE),
    socketTimeout: timeoutMs,
    dnsTimeout: Math.ceil(timeoutMs * GREETING_SHARE),
    // A mail is words: nothing in it names a file or an address to be fetched.
    disableFileAccess: true,
    disableUrlAccess: true,
    allowInternalNetworkInterfaces: true,
  });
}

const toMessage = ({ to, subject, text, language, messageId }: Mail, from: Mailbox) => ({
  from: { name: from.name ?? '', address: from.address },
  to: [{ name: to.name ?? '', address: to.email }],
  ...{ subject, text, messageId },
  // RFC 3834: whoever is away answers no machine.
  headers: { 'Auto-Submitted': 'auto-generated', 'Content-Language': language },
});

type Told = { code?: unknown; command?: unknown; responseCode?: unknown; response?: unknown };

/** Named by code and command alone. */
function resultOf(error: unknown, isWhole: boolean): Exclude<NoticeTry, { outcome: 'sent' }> {
  const { code, command, responseCode, response } = toldBy(error);
  const said = typeof responseCode === 'number' ? responseCode : null;
  const enhanced =
    typeof response === 'string' ? /^\d{3}[ -]([245]\.\d{1,3}\.\d{1,3})\b/.exec(response)?.[1] : undefined;
  const where = typeof command === 'string' ? (/^[A-Z]+( [A-Z0-9-]+)?/.exec(command)?.[0] ?? 'unknown') : 'unknown';
  const words = [said, enhanced, typeof code === 'string' ? `(${code})` : ''].filter((word) => word !== null && word);
  const why = `${where}: ${words.join(' ')}`;
  if (isAboutMail(error) && (said === null || said >= 500)) return { outcome: 'refused', why };
  // It has answered, and it was no yes.
  if (said !== null && said >= 400) return { outcome: 'later', why };
  return { outcome: isWhole ? 'unknown' : 'later', why };
}

/**
 * Whether it is this mail that is not wanted, and not the server that is away, or we who have no business there: a password that is wrong,
 * or a sender that is not ours, is a mistake of ours for all mails, and is put right while they wait.
 */
function isAboutMail(error: unknown): boolean {
  const { code, command, responseCode, response } = toldBy(error);
  // Servers tell at the recipient, too, that we may not: no relay for us, no such sender, no permission (RFC 3463: x.7.x is policy).
  const isPolicy = typeof response === 'string' && /^5\d\d[ -]5\.7\./.test(response);
  if (responseCode === 530 || responseCode === 535 || isPolicy) return false;
  if (code === 'EENVELOPE') return command === 'RCPT TO' || command === 'DATA' || (command === 'API' && !responseCode);
  return code === 'EMESSAGE' && typeof responseCode === 'number';
}

const toldBy = (error: unknown): Told => (typeof error === 'object' && error !== null ? error : {});
