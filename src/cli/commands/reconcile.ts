import { setTimeout as sleep } from 'node:timers/promises';
import type { ReconciliationReport as Report } from '#client';
import { needsPerson } from '../../domain/drift.ts';
import { ask, withKey, type Answered, type KeyOptions } from '../ask.ts';
import { Exit } from '../exit-codes.ts';
import { UsageError } from '../io.ts';
import { keyed, present, readInstant } from '../options.ts';
import { showItems, type Columns } from '../output.ts';
import type { Session } from '../session.ts';
import type { Register } from './command.ts';

type Options = KeyOptions & { dryRun?: boolean; since?: string; within: string };

const POLL_MS = 500;
const TELL_EVERY_MS = 10_000;

export const reconcileCommand: Register = (program, act) => {
  keyed(program.command('reconcile').summary('compare the books'))
    .description(
      'Has the books compared (provider, ledger, orders, stock, workflows), waits for it, and shows what did not agree. ' +
        'Ends 0 when all agrees or was repaired, 1 when something needs a person. Needs the scope operate.',
    )
    .option('--dry-run', 'only look: nothing is repaired')
    .option('--since <instant>', 'an instant, or days such as 7d; since the last one when left out', readInstant)
    .option('--within <minutes>', 'wait for so long', '15')
    .addHelpText(
      'after',
      `\nExamples:\n  $ orders reconcile --dry-run --since 7d\n  $ orders reconcile -o json | jq .drifts`,
    )
    .action(act(reconcile));
};

async function reconcile(session: Session, options: Options): Promise<Exit> {
  const { io, client, target } = session;
  const { dryRun, since, within } = options;
  const minutes = Number(within);
  if (!(minutes > 0)) throw new UsageError('--within: minutes, more than 0');
  const accepted = await withKey(session, options, (header) => {
    const body = present({ dryRun, since });
    return ask<Report>(
      client.POST('/reconciliations', { params: { header }, body, parseAs: 'text', signal: io.signal }),
    );
  });
  const { id } = accepted.body;
  io.say(`Comparing (${id}${dryRun ? ', only looking' : ''}) at ${target.url}`);
  const begun = Date.now();
  for (
    let told = begun;
    Date.now() - begun < minutes * 60_000;
    await sleep(POLL_MS, undefined, { signal: io.signal })
  ) {
    const params = { path: { id } };
    const report = await ask<Report>(
      client.GET('/reconciliations/{id}', { params, parseAs: 'text', signal: io.signal }),
    );
    if (report.body.state === 'failed')
      return notDone(session, `It could not be done: ${report.body.failure ?? 'unknown'}`);
    if (report.body.state === 'finished') return tell(session, report);
    if (Date.now() - told < TELL_EVERY_MS) continue;
    told = Date.now();
    io.say(`${Math.round((told - begun) / 1_000)} s …`);
  }
  return notDone(session, `It was not done within ${minutes} minutes; GET /reconciliations/${id} says how it goes on`);
}

function notDone({ io }: Session, why: string): Exit {
  io.say(why);
  return Exit.unavailable;
}

type Drift = Report['drifts'][number];
const columns: Columns<Drift> = [
  ['DRIFT', ({ name }) => name],
  ['ORDER', ({ orderId, object }) => orderId ?? object],
  ['WHAT WAS FOUND', ({ found }) => found],
  [
    'WHAT WAS DONE',
    ({ outcome, remedy }) => (outcome === 'repaired' || outcome === 'found' ? `${outcome} (${remedy})` : outcome),
  ],
];

function tell(session: Session, { text, body }: Answered<Report>): Exit {
  const { io, form } = session;
  const { drifts, since, until, truncated } = body;
  if (form === 'json') io.out(`${text}\n`);
  else if (drifts.length > 0) showItems(session, drifts, columns);
  const people = drifts.filter(({ outcome }) => needsPerson(outcome)).length;
  const found = drifts.filter(({ outcome }) => outcome === 'found').length;
  io.say(`${drifts.length} drifts from ${since ?? ''} until ${until ?? ''}; ${people} need a person.`);
  if (truncated) io.say('There is more than one report holds: look for what they have in common.');
  return people + found > 0 || truncated ? Exit.failed : Exit.ok;
}
