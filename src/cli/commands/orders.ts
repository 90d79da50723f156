import { Option } from 'commander';
import { follow, type Order } from '#client';
import { ask, withKey, type KeyOptions } from '../ask.ts';
import { Exit } from '../exit-codes.ts';
import { UsageError } from '../io.ts';
import { keyed, readCount, readInstant, readPair, present, withItems, type Line } from '../options.ts';
import { eventLine, isLost, orderColumns, orderLines } from '../order-text.ts';
import { show } from '../output.ts';
import { showPages, type PageOptions } from '../pages.ts';
import { readBody, type Session } from '../session.ts';
import type { Register } from './command.ts';

const STATUSES = ['placed', 'reserved', 'confirmed', 'shipped', 'delivered', 'rejected', 'cancelled'] as const;
const WAITS = ['review', 'customer', 'provider', 'stock', 'warehouse', 'carrier'] as const;
/** The api holds an answer for so long at most. */
const MAX_WAIT_S = 30;

type PlaceOptions = KeyOptions & {
  customer?: string;
  item?: Line[];
  paymentMethod?: string;
  metadata?: Record<string, string>;
  correlation?: string;
  wait?: number;
  file?: string;
};

const placeCommand: Register = (program, act) => {
  const place = program
    .command('place')
    .summary('place an order')
    .description('Places an order, from options or from a JSON body (--file; - for stdin).');
  withItems(keyed(place), 'what is ordered')
    .option('--customer <id>', 'whose order it is')
    .option('--payment-method <id>', 'what it is paid with, at the provider: pm_card_visa on your machine')
    .option('--metadata <name=value>', 'kept with the order; can be given several times', readPair)
    .option('--correlation <id>', 'its X-Correlation-Id')
    .option('--wait <seconds>', `wait until it settles, ${MAX_WAIT_S} s at most; ends 1 when it is rejected`, readCount)
    .option('--file <file>', 'the body as the api takes it (shipping, capture, …), instead of the options above')
    .addHelpText(
      'after',
      `
Examples:
  $ orders place --customer customer-1 --item espresso-beans:2 --payment-method pm_card_visa --wait 10
  $ jq -n '{customerId: "c-1", items: [{sku: "espresso-beans", quantity: 1}], paymentMethod: "pm_card_visa"}' | orders place --file - --key cart-17`,
    )
    .action(act(placeOrder));
};

const readCommands: Register = (program, act) => {
  program
    .command('get')
    .summary('show an order')
    .description('Shows an order.')
    .argument('<order>', 'its id')
    .addHelpText('after', `\nExamples:\n  $ orders get ORDER\n  $ orders get ORDER -o json | jq .payment`)
    .action(
      act(async (session, _options, id: string) => {
        const params = { path: { id } };
        show(
          session,
          await ask<Order>(session.client.GET('/orders/{id}', { params, parseAs: 'text' })),
          orderLines(session),
        );
      }),
    );

  program
    .command('list')
    .summary('list orders, newest first')
    .description('Lists orders, newest first.')
    .addOption(new Option('--status <status>', 'only orders of this status').choices(STATUSES))
    .option('--parked', 'only parked ones')
    .addOption(new Option('--waiting <for>', 'only orders that wait for this').choices(WAITS))
    .option('--customer <id>', 'only of this customer')
    .option('--correlation <id>', 'only with this correlation id')
    .option('--placed-after <instant>', 'an instant, or 7d, 12h, 30m ago', readInstant)
    .option('--placed-before <instant>', 'likewise', readInstant)
    .option('--limit <count>', 'so many at most (20)', readCount)
    .option('--cursor <cursor>', 'nextCursor of the page before')
    .option('--all', 'all of them, page after page')
    .addHelpText(
      'after',
      `\nExamples:\n  $ orders list --parked\n  $ orders list --placed-after 1d --all -o jsonl | jq -r .id`,
    )
    .action(act(listOrders));

  program
    .command('watch')
    .summary('follow an order until it is over')
    .description(
      'Shows what happens to an order as it happens, until it is over. Ends 1 when it ends rejected or cancelled.',
    )
    .argument('<order>', 'its id')
    .addHelpText('after', `\nExamples:\n  $ orders watch ORDER && echo sold\n  $ orders watch ORDER -o jsonl`)
    .action(act(watchOrder));
};

export const orderCommands: readonly Register[] = [placeCommand, readCommands];

async function placeOrder(session: Session, options: PlaceOptions): Promise<Exit> {
  const { correlation, wait } = options;
  if (wait !== undefined && wait > MAX_WAIT_S)
    throw new UsageError(`--wait: ${MAX_WAIT_S} s at most; orders watch waits on`);
  const body = await bodyOf(session, options);
  const { io, client } = session;
  const order = await withKey(session, options, (key) => {
    const header = {
      ...key,
      ...present({ prefer: wait ? `wait=${wait}` : undefined, 'x-correlation-id': correlation }),
    };
    return ask<Order>(client.POST('/orders', { params: { header }, body, parseAs: 'text', signal: io.signal }));
  });
  show(session, order, orderLines(session));
  return wait && isLost(order.body) ? Exit.failed : Exit.ok;
}

type PlaceBody = { customerId: string; items: Line[]; paymentMethod: string };

async function bodyOf(
  { io }: Session,
  { customer, item, paymentMethod, metadata, file }: PlaceOptions,
): Promise<PlaceBody> {
  if (file !== undefined) {
    if (customer ?? item ?? paymentMethod ?? metadata)
      throw new UsageError('--file is the whole body: leave out --customer, --item, --payment-method and --metadata');
    return parseBody(await readBody(io, file), file) as PlaceBody;
  }
  if (customer === undefined || item === undefined || paymentMethod === undefined)
    throw new UsageError('An order has --customer, --item and --payment-method, or --file');
  return { customerId: customer, items: item, paymentMethod, ...present({ metadata }) };
}

/** What else is wrong with it the api says better. */
export function parseBody(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new UsageError(`${file === '-' ? 'stdin' : file} is no JSON: ${(cause as Error).message}`, { cause });
  }
}

type ListOptions = PageOptions & {
  status?: (typeof STATUSES)[number];
  parked?: boolean;
  waiting?: (typeof WAITS)[number];
  customer?: string;
  correlation?: string;
  placedAfter?: string;
  placedBefore?: string;
};

const listOrders = (session: Session, options: ListOptions): Promise<void> => {
  const { status, parked, waiting, customer, correlation, placedAfter, placedBefore } = options;
  const filter = present({
    status,
    attention: parked ? ('true' as const) : undefined,
    waiting,
    customerId: customer,
    correlationId: correlation,
    placedAfter,
    placedBefore,
  });
  return showPages<Order>(session, options, orderColumns, (page) =>
    session.client.GET('/orders', {
      params: { query: { ...filter, ...page } },
      parseAs: 'text',
      signal: session.io.signal,
    }),
  );
};

async function watchOrder(session: Session, _options: object, id: string): Promise<Exit> {
  const { io, form, target, client } = session;
  const connection = { baseUrl: target.url, apiKey: target.key, orderId: id, signal: io.signal };
  const onReconnect = (why: string): void => io.say(`The connection is made again: ${why}`);
  for await (const event of follow({ ...connection, onReconnect }))
    io.out(`${form === 'table' ? eventLine(session, event, false) : JSON.stringify(event)}\n`);
  const params = { path: { id } };
  const { body } = await ask<Order>(client.GET('/orders/{id}', { params, parseAs: 'text', signal: io.signal }));
  io.say(`${body.id} is ${body.status}${body.rejection ? `: ${body.rejection.message}` : ''}.`);
  return isLost(body) ? Exit.failed : Exit.ok;
}
