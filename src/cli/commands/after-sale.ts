import { Option, type Command } from 'commander';
import type { Refund, Return } from '#client';
import { ask, withKey, type KeyOptions } from '../ask.ts';
import { UsageError } from '../io.ts';
import { keyed, present, readCount, readItem, reasoned, withItems, type Line } from '../options.ts';
import { facts, money, show, showList, type Columns } from '../output.ts';
import type { Session } from '../session.ts';
import type { Act, Register } from './command.ts';

type RefundOptions = KeyOptions & { reason: string; amount?: number; item?: Line[] };
type ReturnOptions = KeyOptions & { reason: string; item?: Line[]; wish?: 'refund' | 'exchange' };
type ReceiveOptions = KeyOptions & { restock?: Line[]; writeOff?: Line[]; warehouse?: string; reason?: string };

export const afterSaleCommands: Register = (program, act) => {
  const refund = program
    .command('refund')
    .summary('give money of a sold order back')
    .description(
      'Gives money of a sold order back: an amount, what was paid for units, or (with neither) all that is left.',
    )
    .argument('<order>', 'its id');
  reasoned(withItems(keyed(refund), 'units that are given back for'), 'one cup was broken')
    .option('--amount <minor>', 'in minor units: 250 for 2.50 EUR', readCount)
    .addHelpText(
      'after',
      `\nExamples:\n  $ orders refund ORDER --amount 250 --reason "one cup was broken"\n  $ orders refund ORDER --item espresso-beans:1 --reason "stale"`,
    )
    .action(act(requestRefund));

  const returns = program
    .command('return')
    .summary('what customers send back')
    .description('Asks for, decides about, and receives what customers send back.')
    .addHelpText(
      'after',
      `
Examples:
  $ orders return request ORDER --item espresso-beans:1 --reason "it does not fit"
  $ orders return approve ORDER 1 --reason "within its time"
  $ orders return receive ORDER 1 --restock espresso-beans:1`,
    );
  returnSteps(returns, act);
};

async function requestRefund(session: Session, options: RefundOptions, id: string): Promise<void> {
  const { reason, amount, item } = options;
  if (amount !== undefined && item !== undefined) throw new UsageError('Give --amount or --item, not both');
  const { client, io } = session;
  const body = { reason, ...present({ amountMinor: amount, items: item }) };
  const refund = await withKey(session, options, (header) => {
    const params = { path: { id }, header };
    return ask<Refund>(client.POST('/orders/{id}/refunds', { params, body, parseAs: 'text', signal: io.signal }));
  });
  show(session, refund, ({ number, state, amountMinor, currency }) =>
    facts([
      ['refund', number],
      ['state', state],
      ['amount', money(amountMinor, currency)],
    ]),
  );
}

function returnSteps(returns: Command, act: Act): void {
  const request = returns
    .command('request')
    .description('Asks whether units may come back.')
    .argument('<order>', 'its id');
  reasoned(withItems(keyed(request), 'what is to come back'), 'it does not fit')
    .addOption(new Option('--wish <wish>', 'what the customer wants for it').choices(['refund', 'exchange']))
    .action(act(requestReturn));
  for (const decision of ['approve', 'reject'] as const) {
    const words = decision === 'approve' ? 'Says that it may come.' : 'Says that it may not come.';
    const step = returns
      .command(decision)
      .description(words)
      .argument('<order>', 'its id')
      .argument('<return>', 'its number', readCount);
    reasoned(step, decision === 'approve' ? 'within its time' : 'too late').action(
      act((session, options: { reason: string }, id: string, number: number) =>
        decide(session, options, { decision, id, number }),
      ),
    );
  }
  keyed(returns.command('receive').description('Says what came. What did not is not given back.'))
    .argument('<order>', 'its id')
    .argument('<return>', 'its number', readCount)
    .addOption(itemOption('--restock <sku:quantity>', 'units that go on the shelf again; can be given several times'))
    .addOption(itemOption('--write-off <sku:quantity>', 'units that do not; can be given several times'))
    .option('--warehouse <id>', 'where it is put; where it was shipped from when left out')
    .option('--reason <text>', 'kept with it')
    .action(act(receive));
  returns
    .command('list')
    .description('Lists the returns of an order.')
    .argument('<order>', 'its id')
    .action(
      act(async (session, _options, id: string) => {
        const { client, io } = session;
        const listing = client.GET('/orders/{id}/returns', {
          params: { path: { id } },
          parseAs: 'text',
          signal: io.signal,
        });
        showList(session, await ask<{ items: Return[] }>(listing), returnColumns);
      }),
    );
}

const itemOption = (flags: string, description: string): Option =>
  new Option(flags, description).argParser(readItemOption);
const readItemOption = (text: string, before: Line[] | undefined): Line[] => readItem(text, before);

async function requestReturn(session: Session, options: ReturnOptions, id: string): Promise<void> {
  const { item, reason, wish } = options;
  if (item === undefined) throw new UsageError('Say what is to come back: --item <sku>:<quantity>');
  const { client, io } = session;
  const body = { items: item, reason, ...present({ wish }) };
  const asked = await withKey(session, options, (header) => {
    const params = { path: { id }, header };
    return ask<Return>(client.POST('/orders/{id}/returns', { params, body, parseAs: 'text', signal: io.signal }));
  });
  show(session, asked, returnLines);
}

/** It needs no key: a return is decided about once. */
async function decide(
  session: Session,
  { reason }: { reason: string },
  { decision, id, number }: { decision: 'approve' | 'reject'; id: string; number: number },
): Promise<void> {
  const { client, io } = session;
  const params = { path: { id, number } };
  const path = `/orders/{id}/returns/{number}/${decision}` as const;
  const deciding = client.POST(path, { params, body: { reason }, parseAs: 'text', signal: io.signal });
  show(session, await ask<Return>(deciding), returnLines);
}

async function receive(session: Session, options: ReceiveOptions, id: string, number: number): Promise<void> {
  const { restock = [], writeOff = [], warehouse, reason } = options;
  const items = [
    ...restock.map((line) => ({ ...line, disposition: 'restock' as const })),
    ...writeOff.map((line) => ({ ...line, disposition: 'write_off' as const })),
  ];
  if (items.length === 0) throw new UsageError('Say what came: --restock, --write-off, or both');
  const { client, io } = session;
  const body = { items, ...present({ warehouse, reason }) };
  const received = await withKey(session, options, (header) => {
    const params = { path: { id, number }, header };
    const path = '/orders/{id}/returns/{number}/receive';
    return ask<Return>(client.POST(path, { params, body, parseAs: 'text', signal: io.signal }));
  });
  show(session, received, returnLines);
}

const unitsOf = ({ items }: Return): string => items.map(({ sku, quantity }) => `${sku}:${quantity}`).join(' ');

const returnColumns: Columns<Return> = [
  ['RETURN', ({ number }) => number],
  ['STATUS', ({ status }) => status],
  ['WISH', ({ wish }) => wish],
  ['UNITS', unitsOf],
  ['REASON', ({ reason }) => reason],
];

const returnLines = (one: Return): string[] =>
  facts([
    ['return', one.number],
    ['status', one.status],
    ['units', unitsOf(one)],
    ['until', one.until],
    ['no refund', one.noRefund],
  ]);
