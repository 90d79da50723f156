// What was asked to be erased: asked for, kept outside of the database, and asked for once more after a backup has brought it back.
import { answer, pagesOf, type Erasure } from '#client';
import { ask, withKey, type KeyOptions } from '../ask.ts';
import { UsageError } from '../io.ts';
import { keyed, reasoned } from '../options.ts';
import { facts, show } from '../output.ts';
import type { Session } from '../session.ts';
import type { Register } from './command.ts';

type Kept = Pick<Erasure, 'id' | 'customerId' | 'placedBefore' | 'reason'>;

const PAGE = 100;

const eraseCommand: Register = (program, act) => {
  reasoned(
    keyed(program.command('erase').summary('erase a customer'))
      .description(
        'Has names, addresses, metadata and words taken out of all orders of a customer that are over, and of the others once they are. ' +
          'Money and stock stay. It can not be taken back. Needs the scope admin.',
      )
      .argument('<customer>', 'the customer’s id'),
    'case 4711',
  )
    .addHelpText('after', `\nExamples:\n  $ orders erase customer-1 --reason "case 4711"`)
    .action(
      act(async (session, options: KeyOptions & { reason: string }, customerId: string) => {
        const { client, io } = session;
        const found = await withKey(session, options, (header) => {
          const body = { customerId, reason: options.reason };
          return ask<Erasure>(
            client.POST('/erasures', { params: { header }, body, parseAs: 'text', signal: io.signal }),
          );
        });
        show(session, found, ({ id, state }) =>
          facts([
            ['erasure', id],
            ['state', state],
          ]),
        );
      }),
    );
};

const listCommands: Register = (program, act) => {
  const erasures = program
    .command('erasures')
    .summary('keep outside what was erased, and ask for it once more')
    .description(
      'The list of what was asked to be erased, kept outside of the database: a backup that comes back has it no more.',
    );
  erasures
    .command('export')
    .description('Writes every erasure, a line of JSON each. Needs the scope admin.')
    .addHelpText('after', `\nExamples:\n  $ orders erasures export > erasures.jsonl`)
    .action(act(exportAll));
  erasures
    .command('replay')
    .description(
      'Asks once more for each line that `export` has written, on stdin; as often as need be. Needs the scope admin.',
    )
    .addHelpText('after', `\nExamples:\n  $ orders erasures replay < erasures.jsonl`)
    .action(act(replayAll));
};

async function exportAll({ client, io, target }: Session): Promise<void> {
  const pages = pagesOf((cursor) =>
    answer(
      client.GET('/erasures', {
        params: { query: { limit: PAGE, ...(cursor === undefined ? {} : { cursor }) } },
        signal: io.signal,
      }),
    ),
  );
  let count = 0;
  for await (const { items } of pages)
    for (const { id, customerId, placedBefore, reason } of items) {
      io.out(`${JSON.stringify({ id, customerId, placedBefore, reason })}\n`);
      count += 1;
    }
  io.say(`${count} erasures read from ${target.url}`);
}

async function replayAll({ client, io, target }: Session): Promise<void> {
  // All of them are looked at before any is asked for.
  const lines = (await io.readInput()).split('\n').filter((line) => line.trim() !== '');
  const kept = lines.map((line, index) => toKept(line, index + 1));
  for (const { id, customerId, placedBefore, reason } of kept)
    // Each under a key of its own, so that what was broken off can be begun anew.
    await answer(
      client.POST('/erasures', {
        params: { header: { 'idempotency-key': `replay:${id}` } },
        body: { customerId, placedBefore, reason },
        signal: io.signal,
      }),
    );
  io.say(`${kept.length} erasures asked for at ${target.url}`);
}

function toKept(text: string, number: number): Kept {
  const { id, customerId, placedBefore, reason } = parse(text, number);
  if (id === undefined || customerId === undefined || placedBefore === undefined || reason === undefined)
    throw new UsageError(
      `Expected line ${number} to be one that \`orders erasures export\` has written; found another`,
    );
  return { id, customerId, placedBefore, reason };
}

function parse(text: string, number: number): Partial<Kept> {
  try {
    return JSON.parse(text) as Partial<Kept>;
  } catch (cause) {
    throw new UsageError(`Expected line ${number} to be JSON`, { cause });
  }
}

export const erasureCommands: readonly Register[] = [eraseCommand, listCommands];
