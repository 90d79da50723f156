import { answer, type components, type EventType, type WebhookDelivery, type WebhookSubscription } from '#client';
import { ask } from '../ask.ts';
import { Exit } from '../exit-codes.ts';
import { present, readCount, reasoned } from '../options.ts';
import { facts, show, showList, type Columns } from '../output.ts';
import { showPages, type PageOptions } from '../pages.ts';
import type { Session } from '../session.ts';
import type { Command } from 'commander';
import type { Act, Register } from './command.ts';

type Schemas = components['schemas'];
type CreateOptions = {
  url: string;
  type?: string;
  format?: 'envelope' | 'cloudevents';
  description?: string;
  after?: number;
};

export const webhookCommands: Register = (program, act) => {
  const webhooks = program
    .command('webhooks')
    .summary('who is told of events')
    .description('Subscriptions to events, and what was told (docs/webhooks.md).')
    .addHelpText(
      'after',
      `
Examples:
  $ orders webhooks create --endpoint https://shop.example/hooks --type order.confirmed,order.rejected
  $ orders webhooks ping SUBSCRIPTION
  $ orders webhooks deliveries SUBSCRIPTION --state parked`,
    );
  subscriptions(webhooks, act);
  deliveries(webhooks, act);
};

function subscriptions(webhooks: Command, act: Act): void {
  webhooks
    .command('list')
    .description('Lists subscriptions.')
    .action(
      act(async (session) => {
        const { client, io } = session;
        const listing = client.GET('/webhook-subscriptions', { parseAs: 'text', signal: io.signal });
        showList(session, await ask<{ items: WebhookSubscription[] }>(listing), columns);
      }),
    );
  webhooks
    .command('get')
    .description('Shows a subscription.')
    .argument('<subscription>', 'its id')
    .action(act(getSubscription));
  webhooks
    .command('create')
    .description('Has events told to a URL. The secret that signs them is shown this once.')
    .requiredOption('--endpoint <url>', 'where to')
    .option('--type <type,…>', 'only these; all when left out')
    .option('--format <format>', 'envelope (when left out) or cloudevents')
    .option('--description <text>', 'what it is for')
    .option('--after <position>', 'what came behind this position too; from now on when left out', readCount)
    .action(act(create));
  webhooks
    .command('delete')
    .description('Ends a subscription, with all that was still to be told.')
    .argument('<subscription>', 'its id')
    .action(act(remove));
  for (const [name, paused, words] of [
    ['pause', true, 'Sends nothing for now; nothing is lost.'],
    ['resume', false, 'Goes on where it stood.'],
  ] as const)
    webhooks
      .command(name)
      .description(words)
      .argument('<subscription>', 'its id')
      .action(act((session, _options, id: string) => setPaused(session, id, paused)));
  webhooks
    .command('ping')
    .description('Sends a test message now. Ends 1 when it is not taken.')
    .argument('<subscription>', 'its id')
    .action(act(ping));
  webhooks
    .command('rotate')
    .description('Makes a new secret, and shows it this once; the one before signs too for a while.')
    .argument('<subscription>', 'its id')
    .option('--overlap <seconds>', 'for so long (a day)', readCount)
    .action(act(rotate));
  webhooks
    .command('replay')
    .description('Tells a range of positions once more.')
    .argument('<subscription>', 'its id')
    .requiredOption('--after <position>', 'exclusive', readCount)
    .requiredOption('--through <position>', 'inclusive', readCount)
    .action(act(replay));
}

function deliveries(webhooks: Command, act: Act): void {
  webhooks
    .command('deliveries')
    .description('What was told, and what is still to be.')
    .argument('<subscription>', 'its id')
    .option('--state <state>', 'only pending, delivered, parked, skipped ones')
    .option('--order <id>', 'only of this order')
    .option('--limit <count>', 'so many at most (20)', readCount)
    .option('--cursor <cursor>', 'nextCursor of the page before')
    .option('--all', 'all of them, page after page')
    .action(act(listDeliveries));
  for (const [name, words] of [
    ['resend', 'Sends a message again.'],
    ['skip', 'Takes a parked message out of the way.'],
  ] as const) {
    const decide = webhooks
      .command(name)
      .description(words)
      .argument('<subscription>', 'its id')
      .argument('<delivery>', 'its number', readCount);
    reasoned(decide, 'the consumer is mended').action(
      act(async (session, { reason }: { reason: string }, id: string, delivery: number) => {
        const { client, io } = session;
        const path = `/webhook-subscriptions/{id}/deliveries/{delivery}/${name}` as const;
        const params = { path: { id, delivery } };
        const deciding = client.POST(path, { params, body: { reason }, parseAs: 'text', signal: io.signal });
        show(session, await ask<WebhookDelivery>(deciding), (one) =>
          facts([
            ['delivery', one.id],
            ['state', one.state],
          ]),
        );
      }),
    );
  }
}

const columns: Columns<WebhookSubscription> = [
  ['ID', ({ id }) => id],
  ['URL', ({ url }) => url],
  ['PAUSED', ({ paused }) => (paused ? 'yes' : 'no')],
  ['PENDING', ({ pending }) => pending],
  ['PARKED', ({ parked }) => parked],
  ['FAILING SINCE', ({ failingSince }) => failingSince],
];

const lines = (one: WebhookSubscription): string[] =>
  facts([
    ['subscription', one.id],
    ['url', one.url],
    ['events', one.eventTypes?.join(', ') ?? 'all'],
    ['format', one.format],
    ['paused', one.paused ? 'yes' : 'no'],
    ['position', one.position],
    ['pending', one.pending],
    ['parked', one.parked],
    ['failing since', one.failingSince],
  ]);

const of = (id: string) => ({ params: { path: { id } } });

async function getSubscription(session: Session, _options: object, id: string): Promise<void> {
  const { client, io } = session;
  const reading = client.GET('/webhook-subscriptions/{id}', { ...of(id), parseAs: 'text', signal: io.signal });
  show(session, await ask<WebhookSubscription>(reading), lines);
}

async function create(
  session: Session,
  { endpoint: url, type, ...more }: Omit<CreateOptions, 'url'> & { endpoint: string },
): Promise<void> {
  const { client, io } = session;
  const { format, description, after } = more;
  const eventTypes = type?.split(',') as EventType[] | undefined;
  const body = { url, ...present({ eventTypes, format, description, after }) };
  const making = client.POST('/webhook-subscriptions', { body, parseAs: 'text', signal: io.signal });
  const made = await ask<Schemas['CreatedWebhookSubscription']>(making);
  show(session, made, (one) => [...lines(one), ...facts([['secret', one.secret]])]);
  io.say('The secret is shown only now; keep it well.');
}

async function remove({ client, io }: Session, _options: object, id: string): Promise<void> {
  await answer(client.DELETE('/webhook-subscriptions/{id}', { ...of(id), signal: io.signal }));
  io.say(`${id} is gone.`);
}

async function setPaused(session: Session, id: string, paused: boolean): Promise<void> {
  const { client, io } = session;
  const { url, eventTypes, format, description } = await answer(
    client.GET('/webhook-subscriptions/{id}', { ...of(id), signal: io.signal }),
  );
  const body = { url, eventTypes: eventTypes as EventType[] | null, format, description, paused };
  const setting = client.PUT('/webhook-subscriptions/{id}', { ...of(id), body, parseAs: 'text', signal: io.signal });
  show(session, await ask<WebhookSubscription>(setting), lines);
}

async function ping(session: Session, _options: object, id: string): Promise<Exit> {
  const { client, io } = session;
  const pinging = client.POST('/webhook-subscriptions/{id}/ping', { ...of(id), parseAs: 'text', signal: io.signal });
  const result = await ask<Schemas['WebhookPing']>(pinging);
  show(session, result, ({ delivered, status, failure, tookMs }) =>
    facts([
      ['taken', delivered ? 'yes' : 'no'],
      ['status', status],
      ['failure', failure],
      ['took', `${tookMs} ms`],
    ]),
  );
  return result.body.delivered ? Exit.ok : Exit.failed;
}

async function rotate(session: Session, { overlap }: { overlap?: number }, id: string): Promise<void> {
  const { client, io } = session;
  const body = present({ overlapSeconds: overlap });
  const rotating = client.POST('/webhook-subscriptions/{id}/rotate-secret', {
    ...of(id),
    body,
    parseAs: 'text',
    signal: io.signal,
  });
  show(session, await ask<Schemas['RotatedWebhookSecret']>(rotating), ({ secret, previousUntil }) =>
    facts([
      ['secret', secret],
      ['the one before signs until', previousUntil],
    ]),
  );
}

async function replay(session: Session, body: { after: number; through: number }, id: string): Promise<void> {
  const { client, io } = session;
  const { after, through } = body;
  const asking = client.POST('/webhook-subscriptions/{id}/replays', {
    ...of(id),
    body: { after, through },
    parseAs: 'text',
    signal: io.signal,
  });
  show(session, await ask<Schemas['WebhookReplayAccepted']>(asking), (one) => facts([['replay', one.replay]]));
}

const deliveryColumns: Columns<WebhookDelivery> = [
  ['DELIVERY', ({ id }) => id],
  ['STATE', ({ state }) => state],
  ['TYPE', ({ eventType }) => eventType],
  ['ORDER', ({ orderId }) => orderId],
  ['TRIES', ({ attempts }) => attempts],
  ['LAST', ({ status, failure }) => failure ?? status],
];

type DeliveryOptions = PageOptions & { state?: WebhookDelivery['state']; order?: string };

const listDeliveries = (session: Session, options: DeliveryOptions, id: string): Promise<void> => {
  const filter = present({ state: options.state, orderId: options.order });
  return showPages<WebhookDelivery>(session, options, deliveryColumns, (page) =>
    session.client.GET('/webhook-subscriptions/{id}/deliveries', {
      params: { path: { id }, query: { ...filter, ...page } },
      parseAs: 'text',
      signal: session.io.signal,
    }),
  );
};
