import { answer, follow, type EventType, type Explanation, type OrderEvent } from '#client';
import { ask, type Answered } from '../ask.ts';
import { UsageError } from '../io.ts';
import { readCount, present } from '../options.ts';
import { eventLine } from '../order-text.ts';
import { cleanLines, show } from '../output.ts';
import type { Session } from '../session.ts';
import type { Register } from './command.ts';

type EventOptions = { after?: number; type?: string; limit?: number; follow?: boolean };

export const eventCommands: Register = (program, act) => {
  program
    .command('events')
    .summary('what happened, to an order or to all')
    .description('Shows the events of an order, or of the feed over all orders.')
    .argument('[order]', 'its id; without it the feed')
    .option('--after <position>', 'of the feed: only what came behind this position', readCount)
    .option('--type <type,…>', 'of the feed: only these, for example order.confirmed,order.rejected')
    .option('--limit <count>', 'of the feed: so many at most, 100 (20)', readCount)
    .option('-f, --follow', 'and what happens from now on, until Ctrl-C (of an order: until it is over)')
    .addHelpText(
      'after',
      `\nExamples:\n  $ orders events ORDER\n  $ orders events --follow --after 0 --type order.rejected -o jsonl | jq .data`,
    )
    .action(act((session, options: EventOptions, order?: string) => showEvents(session, options, order)));

  program
    .command('explain')
    .summary('what happened, what it waits for, who must act')
    .description('Says what happened to an order, what it waits for, who must act and what is at stake.')
    .argument('<order>', 'its id')
    .addHelpText('after', `\nExamples:\n  $ orders explain ORDER\n  $ orders explain ORDER -o json | jq .parked`)
    .action(act((session, _options, order: string) => explain(session, order)));
};

async function showEvents(session: Session, options: EventOptions, orderId: string | undefined): Promise<void> {
  const { after, type, limit, follow: onAndOn } = options;
  if (orderId !== undefined && (after !== undefined || type !== undefined || limit !== undefined))
    throw new UsageError('--after, --type and --limit are of the feed: leave out the order, or these');
  if (onAndOn) return followEvents(session, options, orderId);
  const found = await readEvents(session, options, orderId);
  if (session.form === 'json') return session.io.out(`${found.text}\n`);
  for (const event of found.body.items) print(session, event, orderId === undefined);
}

async function followEvents(session: Session, { after, type, limit }: EventOptions, orderId?: string): Promise<void> {
  const { io, target } = session;
  if (limit !== undefined) throw new UsageError('--follow has no end: leave out --limit');
  const types = type?.split(',') as EventType[] | undefined;
  const onReconnect = (why: string): void => io.say(`The connection is made again: ${why}`);
  const source = { baseUrl: target.url, apiKey: target.key, orderId, after, types, signal: io.signal, onReconnect };
  for await (const event of follow(source)) print(session, event, orderId === undefined);
}

function readEvents(
  session: Session,
  { after, type, limit }: EventOptions,
  orderId: string | undefined,
): Promise<Answered<{ items: OrderEvent[] }>> {
  const { client, io } = session;
  if (orderId !== undefined)
    return ask(
      client.GET('/orders/{id}/events', { params: { path: { id: orderId } }, parseAs: 'text', signal: io.signal }),
    );
  const query = present({ after, type, limit });
  return ask(client.GET('/events', { params: { query }, parseAs: 'text', signal: io.signal }));
}

const print = (session: Session, event: OrderEvent, isFeed: boolean): void =>
  session.io.out(`${session.form === 'table' ? eventLine(session, event, isFeed) : JSON.stringify(event)}\n`);

async function explain(session: Session, id: string): Promise<void> {
  const { client, io, form } = session;
  const card = (format: 'json' | 'markdown') =>
    client.GET('/orders/{id}/explanation', {
      params: { path: { id }, query: { format } },
      parseAs: 'text',
      signal: io.signal,
    });
  if (form !== 'table') return show(session, await ask<Explanation>(card('json')), () => []);
  io.out(`${cleanLines(await answer(card('markdown'))).trimEnd()}\n`);
}
