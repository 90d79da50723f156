import { log } from '@temporalio/activity';
import { noticeGoneFailure, noticeNotSentFailure, notNowFailure } from '../contracts/failures.ts';
import { sendNoticeId, type NoticeId, type NoticeOutcome } from '../contracts/send-notice.ts';
import type { NoticeKind, NoticeTry } from '../domain/customer-notice.ts';
import type { Mail, MailSender, NoticeMatter, NoticeRecords } from '../ports/customer-notice.ts';

/** What sending mails needs. `leaseMs`: after which a try is taken for lost, above what the sender may take. */
export type NoticePorts = {
  records: NoticeRecords;
  sender: MailSender;
  write: (matter: NoticeMatter) => Pick<Mail, 'subject' | 'text' | 'language'>;
  /** Behind the @ of a mail's own id. */
  domain: string;
  leaseMs: number;
  /** One is over. */
  onOver: (ended: { kind: NoticeKind; outcome: NoticeOutcome['state'] }) => void;
};

/** Mails to customers, on a queue of their own. */
export const createCustomerNoticeActivities = (ports: NoticePorts) => ({
  /** Taken, sent, kept: whoever dies in between leaves a notice of which nobody knows whether its mail was taken (see domain/customer-notice.ts). */
  sendCustomerNotice: async (notice: NoticeId): Promise<NoticeOutcome> => {
    const { records, leaseMs, onOver } = ports;
    const claimed = await records.claim({ ...notice, leaseMs });
    if ('gone' in claimed) throw noticeGoneFailure(notice.name);
    if ('over' in claimed) {
      if (claimed.ended) onOver({ kind: claimed.ended, outcome: claimed.over });
      return { state: claimed.over };
    }
    if ('busyForMs' in claimed)
      throw notNowFailure({ message: 'Another try may be under way', delayMs: Math.ceil(claimed.busyForMs) });
    const { matter, attempt } = claimed;
    const result = await send(ports, notice, matter);
    const state = await records.settle({ ...notice, attempt, result });
    if (state === 'waiting' || state === 'sending')
      throw noticeNotSentFailure('why' in result ? result.why : 'another try is under way');
    onOver({ kind: matter.kind, outcome: state });
    return { state };
  },
});

async function send(
  { sender, write, domain }: NoticePorts,
  notice: NoticeId,
  matter: NoticeMatter,
): Promise<NoticeTry> {
  let words: ReturnType<typeof write>;
  try {
    words = write(matter);
  } catch (error) {
    // Our mistake: it is put right while the notice waits. What it says is about words, and may have some of the customer's in it.
    log.error('a notice could not be written', {
      kind: matter.kind,
      error: error instanceof Error ? error.name : 'unknown',
    });
    return { outcome: 'later', why: 'it could not be written' };
  }
  return sender.send({ ...words, to: matter.contact, messageId: messageIdOf(notice, domain) });
}

/** The same for every try of a round, and for a notice that a restored database brings up once more. */
const messageIdOf = (notice: NoticeId, domain: string): string =>
  `<${sendNoticeId(notice).replaceAll(':', '.')}@${domain}>`;
