import { Option } from 'commander';
import type { components } from '#client';
import { ask, withKey, type KeyOptions } from '../ask.ts';
import { UsageError } from '../io.ts';
import { keyed, present, readCount, readInstant, reasoned } from '../options.ts';
import { facts, show, table } from '../output.ts';
import type { Session } from '../session.ts';
import type { Register } from './command.ts';

type Schemas = components['schemas'];
type Step = NonNullable<Schemas['ResolveOrder']['step']>;
type Options = KeyOptions & {
  action: 'retry' | 'skip' | 'compensate';
  reason: string;
  value?: string;
  step?: Step;
  workflow?: string;
  since?: string;
  all?: boolean;
  status?: NonNullable<Schemas['ResolveMany']['filter']['status']>;
  customer?: string;
  parkedBefore?: string;
  expect?: number;
};

const ofOne = ['value', 'workflow', 'since'] as const;
const ofMany = ['status', 'customer', 'parkedBefore', 'expect'] as const;

export const resolveCommand: Register = (program, act) => {
  const resolve = program
    .command('resolve')
    .summary('decide about what is parked')
    .description(
      'Decides about the parked step of an order; or, with --all, about all that match: counted first, done with --expect.',
    )
    .argument('[order]', 'its id')
    .addOption(
      new Option('--action <action>', 'what is decided').choices(['retry', 'skip', 'compensate']).makeOptionMandatory(),
    );
  reasoned(keyed(resolve), 'the provider is well again')
    .option('--step <step>', 'which parked step; of an order the one parked longest when left out')
    .option('--value <id>', 'of skip: the payment or refund that was made by hand')
    .option('--workflow <id>', 'which one, where two are parked at the same step (orders explain)')
    .option('--since <instant>', 'only if it is still parked over what you have read', readInstant)
    .option('--all', 'all parked steps that match, instead of one order')
    .option('--status <status>', 'with --all: only of orders of this status')
    .option('--customer <id>', 'with --all: only of this customer')
    .option('--parked-before <instant>', 'with --all: only what is parked since before', readInstant)
    .option('--expect <count>', 'with --all: do it, if it is still so many', readCount)
    .addHelpText(
      'after',
      `
Examples:
  $ orders list --parked && orders explain ORDER
  $ orders resolve ORDER --action retry --reason "the provider is well again"
  $ orders resolve --all --step charge-payment --action retry --reason "the provider is well again"             (counts)
  $ orders resolve --all --step charge-payment --action retry --reason "the provider is well again" --expect 17 (does it)`,
    )
    .action(
      act((session, options: Options, order?: string) =>
        order === undefined ? resolveAll(session, options) : resolveOne(session, options, order),
      ),
    );
};

async function resolveOne(session: Session, options: Options, id: string): Promise<void> {
  const { action, reason, value, step, workflow, since } = options;
  refuse(options, ['all', ...ofMany], 'goes with --all, without an order');
  const { client, io } = session;
  const body = { action, reason, ...present({ value, step, workflowId: workflow, since }) };
  const decided = await withKey(session, options, (header) => {
    const params = { path: { id }, header };
    return ask<Schemas['OrderResolution']>(
      client.POST('/orders/{id}/resolution', { params, body, parseAs: 'text', signal: io.signal }),
    );
  });
  show(session, decided, (one) =>
    facts([
      ['order', one.orderId],
      ['step', one.step],
      ['decided', one.action],
      ['by', one.actor],
    ]),
  );
}

async function resolveAll(session: Session, options: Options): Promise<void> {
  const { action, reason, step, status, customer, parkedBefore, expect } = options;
  if (!options.all) throw new UsageError('Name an order, or say --all');
  refuse(options, ofOne, 'is about one order');
  if (action === 'skip') throw new UsageError('--action: skip is about one order; all can be retried or compensated');
  const filter = present({ step, status, customerId: customer, parkedBefore });
  const { client, io } = session;
  if (expect === undefined) return count(session, { filter, action, reason });
  const body = { filter, action, reason, expectedCount: expect };
  const accepted = await withKey(session, options, (header) =>
    ask<Schemas['Resolution']>(
      client.POST('/resolutions', { params: { header }, body, parseAs: 'text', signal: io.signal }),
    ),
  );
  show(session, accepted, ({ id, state, counts }) =>
    facts([
      ['resolution', id],
      ['state', state],
      ['parked steps', counts.total],
    ]),
  );
}

async function count(
  session: Session,
  wish: Pick<Schemas['ResolveMany'], 'filter' | 'action' | 'reason'>,
): Promise<void> {
  const { client, io } = session;
  const body = { ...wish, dryRun: true };
  const preview = client.POST('/resolutions', { params: {}, body, parseAs: 'text', signal: io.signal });
  const found = await ask<Schemas['ResolutionPreview']>(preview);
  show(session, found, ({ sample }) =>
    table(sample, [
      ['ORDER', ({ orderId }) => orderId],
      ['STEP', (one) => one.step],
      ['SINCE', ({ since }) => since],
      ['REASON', ({ reason }) => reason],
    ]),
  );
  const total = found.body.count;
  io.say(
    total === 0
      ? 'Nothing that is parked matches.'
      : `${total} match; nothing is decided yet: add --expect ${total} to do it.`,
  );
}

function refuse(options: Options, names: readonly (keyof Options)[], why: string): void {
  const wrong = names.find((name) => options[name] !== undefined);
  if (wrong) throw new UsageError(`--${wrong.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)} ${why}`);
}
