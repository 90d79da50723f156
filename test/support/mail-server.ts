// A mail server of the test's own, over TCP on loopback, that keeps what it takes and misbehaves as it is told.
import { SMTPServer } from 'smtp-server';
import { choosePort } from '../../src/local/ports.ts';

export type TakenMail = { messageId: string; to: string; from: string; subject: string; raw: string; isTls: boolean };
/** What becomes of a mail to an address: refused or put off where it is named, put off behind its words, or taken and never answered. */
export type Mood = 'well' | 'no-such-user' | 'greylist' | 'full' | 'silent' | 'bad-sender' | 'no-relay';

export type MailServer = Awaited<ReturnType<typeof startMailServer>>;

export async function startMailServer({ password = null }: { password?: string | null } = {}) {
  const port = await choosePort(0);
  const taken: TakenMail[] = [];
  const moods = new Map<string, Mood[]>();
  let mood: Mood = 'well';
  /** The next mood for this address, or that of all. */
  const moodOf = (address: string, at: readonly Mood[]): Mood => {
    const [next] = moods.get(address) ?? [mood];
    if (next === undefined || !at.includes(next)) return 'well';
    if (moods.has(address)) moods.set(address, (moods.get(address) ?? []).slice(1));
    return next;
  };
  const refuse = (responseCode: number, message: string): Error => Object.assign(new Error(message), { responseCode });

  const open = (): Promise<SMTPServer> => {
    const server = new SMTPServer({
      authOptional: password === null,
      allowInsecureAuth: true,
      closeTimeout: 100,
      // Its certificate is nobody's, and it says so.
      logger: false,
      onAuth: (auth, _session, done) =>
        auth.password === password ? done(null, { user: 'shop' }) : done(refuse(535, '5.7.8 wrong password')),
      onMailFrom: (_address, _session, done) =>
        mood === 'bad-sender' ? done(refuse(553, '5.7.1 that sender is not yours')) : done(),
      onRcptTo: ({ address }, _session, done) => {
        const now = moodOf(address, ['no-such-user', 'greylist', 'no-relay']);
        // As servers do: the address stands in their answers.
        if (now === 'no-such-user') return done(refuse(550, `5.1.1 <${address}>: there is no such user`));
        if (now === 'no-relay') return done(refuse(554, `5.7.1 <${address}>: relay access denied`));
        if (now === 'greylist') return done(refuse(450, `4.2.0 <${address}>: greylisted`));
        return done();
      },
      onData: (stream, session, done) => {
        const to = session.envelope.rcptTo[0]?.address ?? '';
        const now = moodOf(to, ['full', 'silent']);
        const chunks: Buffer[] = [];
        stream.on('data', (chunk: Buffer) => chunks.push(chunk));
        stream.on('end', () => {
          if (now === 'full') return done(refuse(452, `4.3.1 <${to}>: no room`));
          const raw = Buffer.concat(chunks).toString('utf8');
          const header = (name: string): string =>
            new RegExp(`^${name}:(.*(?:\r\n[ \t].*)*)`, 'im')
              .exec(raw)?.[1]
              ?.replaceAll(/\r\n[ \t]/g, ' ')
              .trim() ?? '';
          const from = session.envelope.mailFrom ? session.envelope.mailFrom.address : '';
          taken.push({
            messageId: header('Message-ID'),
            subject: header('Subject'),
            to,
            from,
            raw,
            isTls: session.secure,
          });
          if (now !== 'silent') done();
        });
      },
    });
    server.on('error', () => undefined);
    return new Promise((resolve) => server.listen(port, '127.0.0.1', () => resolve(server)));
  };
  let server: SMTPServer | null = await open();
  const close = async (): Promise<void> => {
    const closing = server;
    server = null;
    if (closing) await new Promise<void>((resolve) => closing.close(() => resolve()));
  };

  return {
    port,
    url: `smtp://${password === null ? '' : `shop:${password}@`}127.0.0.1:${port}`,
    taken,
    takenBy: (to: string): TakenMail[] => taken.filter((mail) => mail.to === to),
    /** Of all mails from now on. */
    feel: (next: Mood): void => void (mood = next),
    /** Of the next mails to this address, one each; then `well`. */
    feelFor: (address: string, next: readonly Mood[]): void => void moods.set(address, [...next]),
    /** Nobody listens there any more. */
    stop: close,
    start: async (): Promise<void> => void (server ??= await open()),
    close,
  };
}
