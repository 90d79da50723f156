// What is asked of an order by those who have it: cancelling, changing, deciding about its review, packing it.
import { Option } from 'commander';
import { answer, UnexpectedAnswerError, type Amendment, type Order, type Shipment } from '#client';
import { ask, withKey, type KeyOptions } from '../ask.ts';
import { UsageError } from '../io.ts';
import { keyed, present, readCount, reasoned, withItems, type Line } from '../options.ts';
import { orderLines } from '../order-text.ts';
import { facts, money, show } from '../output.ts';
import { readBody, type Session } from '../session.ts';
import type { Register } from './command.ts';
import { parseBody } from './orders.ts';

type Reason = { reason: string };
type AmendOptions = KeyOptions & Reason & { item?: Line[]; shipTo?: string; paymentMethod?: string; ifMatch?: number };
type Address = { name: string; line1: string; line2?: string; city: string; postalCode: string; country: string };

const cancelCommand: Register = (program, act) => {
  reasoned(
    program
      .command('cancel')
      .summary('cancel an order')
      .description('Cancels an order: what was taken is given back, and its stock is free again.'),
    'changed my mind',
  )
    .argument('<order>', 'its id')
    .addHelpText('after', `\nExamples:\n  $ orders cancel ORDER --reason "changed my mind" && orders watch ORDER`)
    .action(
      act(async (session, { reason }: Reason, id: string) => {
        const { client, io } = session;
        const params = { path: { id } };
        const cancelling = client.POST('/orders/{id}/cancel', {
          params,
          body: { reason },
          parseAs: 'text',
          signal: io.signal,
        });
        show(session, await ask<Order>(cancelling), orderLines(session));
      }),
    );
};

const amendCommand: Register = (program, act) => {
  const amend = program
    .command('amend')
    .summary('change an order that is sold and not packed yet')
    .description(
      'Changes the lines or the address of an order before anything of it is packed. The difference is charged or given back.',
    )
    .argument('<order>', 'its id');
  reasoned(withItems(keyed(amend), 'a line that the order is to have; name all of them'), 'one more')
    .option('--ship-to <file>', 'the new address, a JSON file (- for stdin)')
    .option('--payment-method <id>', 'what a difference is charged to')
    .option('--if-match <version>', 'the version that you have seen (ETag); the present one when left out', readCount)
    .addHelpText(
      'after',
      `\nExamples:\n  $ orders amend ORDER --item espresso-beans:3 --payment-method pm_card_visa --reason "one more"`,
    )
    .action(act(amendOrder));
};

const reviewCommand: Register = (program, act) => {
  reasoned(
    program
      .command('review')
      .summary('decide about an order that waits for a review')
      .description('Decides about an order that waits for a review.')
      .argument('<order>', 'its id')
      .addOption(
        new Option('--decision <decision>', 'what is decided').choices(['approve', 'reject']).makeOptionMandatory(),
      ),
    'a customer we know',
  )
    .addHelpText(
      'after',
      `\nExamples:\n  $ orders list --waiting review\n  $ orders review ORDER --decision approve --reason "a customer we know"`,
    )
    .action(
      act(async (session, { decision, reason }: Reason & { decision: 'approve' | 'reject' }, id: string) => {
        const { client, io } = session;
        const params = { path: { id } };
        const body = { decision, reason };
        const deciding = client.POST('/orders/{id}/review', { params, body, parseAs: 'text', signal: io.signal });
        show(session, await ask<Order>(deciding), orderLines(session));
      }),
    );
};

const packCommand: Register = (program, act) => {
  program
    .command('pack')
    .summary('say that a shipment is packed')
    .description('Says that a shipment is packed: it goes to the carrier then.')
    .argument('<order>', 'its id')
    .argument('[shipment]', 'its number', readCount, 1)
    .addHelpText('after', `\nExamples:\n  $ orders pack ORDER`)
    .action(
      act(async (session, _options, id: string, number: number) => {
        const { client, io } = session;
        const params = { path: { id, number } };
        const packing = client.POST('/orders/{id}/shipments/{number}/packed', {
          params,
          parseAs: 'text',
          signal: io.signal,
        });
        show(session, await ask<Shipment>(packing), shipmentLines);
      }),
    );
};

export const changeCommands: readonly Register[] = [cancelCommand, amendCommand, reviewCommand, packCommand];

const shipmentLines = ({ number, status, warehouse, carrier, trackingNumber }: Shipment): string[] =>
  facts([
    ['shipment', number],
    ['status', status],
    ['from', warehouse],
    ['carrier', carrier],
    ['tracking', trackingNumber],
  ]);

async function amendOrder(session: Session, options: AmendOptions, id: string): Promise<void> {
  const { item, shipTo, paymentMethod, reason } = options;
  if (item === undefined && shipTo === undefined) throw new UsageError('Give --item, --ship-to, or both');
  const { client, io } = session;
  const path = { id };
  const shipping = shipTo === undefined ? undefined : (parseBody(await readBody(io, shipTo), shipTo) as Address);
  const version = options.ifMatch ?? (await versionOf(session, id));
  const body = { reason, ...present({ items: item, shipping, paymentMethod }) };
  // The version belongs to what the key names: a repeat with another one would be another request.
  const amendment = await withKey(
    session,
    options,
    (key) => {
      const header = { ...key, 'if-match': `"${version}"` };
      const params = { path, header };
      return ask<Amendment>(
        client.POST('/orders/{id}/amendments', { params, body, parseAs: 'text', signal: io.signal }),
      );
    },
    ` --if-match ${version}`,
  );
  show(session, amendment, amendmentLines);
}

async function versionOf({ client, io }: Session, id: string): Promise<number> {
  const reading = client.GET('/orders/{id}', { params: { path: { id } }, signal: io.signal });
  await answer(reading);
  const [, version] = /^"(\d+)"$/.exec((await reading).response.headers.get('ETag') ?? '') ?? [];
  if (version === undefined) throw new UnexpectedAnswerError('The order came without its version (ETag)');
  return Number(version);
}

const amendmentLines = ({ number, state, currency, before, after, chargeMinor, refusal }: Amendment): string[] =>
  facts([
    ['amendment', number],
    ['state', state],
    ['total', `${money(before.totalMinor, currency)} → ${money(after.totalMinor, currency)}`],
    ['charged', chargeMinor > 0 ? money(chargeMinor, currency) : null],
    ['refused', refusal && `${refusal.message} (${refusal.code})`],
  ]);
