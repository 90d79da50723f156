// Events told to subscribers. What must stay true: of an order one message after the other; an order, or a subscriber, that gets nowhere
// holds up nobody else; and what this process has claimed and does not settle is told by another.
import { setTimeout as sleep } from 'node:timers/promises';
import { retryPauseMs, type WebhookFormat } from '../domain/webhook.ts';
import type { EventEnvelope } from '../contracts/events.ts';
import type { SettledLane, WebhookAnswer, WebhookLane, WebhookSender, WebhookWork } from '../ports/webhook.ts';
import type { Logger } from '../runtime/logger.ts';
import { inSpan, inTrace } from '../runtime/tracing/trace.ts';
import { createLoop, type Loop, type MayWork } from './loop.ts';

const PAUSE_MS = 250;
/** Nobody is subscribed: looked for now and then. */
const IDLE_MS = 2_000;
const FEED_BATCH = 500;
const ROOM_PAUSE_MS = 100;
/** Orders of one subscription at a time, by this process; about as many as its own client does. */
const PER_SUBSCRIPTION = 8;
/** All in all; it only bounds memory and sockets, the limit above is what keeps subscribers apart. */
const AT_MOST = 256;
/** Messages of an order before it is settled: what is lost with a process is told again, and these are few. */
const PER_LANE = 5;
/** Beside the time that the messages of a lane may take. */
const LEASE_SLACK_MS = 10_000;
const FORGET_PAUSE_MS = 10 * 60_000;
const FORGET_BATCH = 1_000;

const NOT_SETTLED = 'a webhook could not be settled; it is told again';

type Options = {
  work: WebhookWork;
  sender: WebhookSender;
  /** An event as it is sent. */
  messageOf: (event: EventEnvelope, format: WebhookFormat) => { messageId: string; contentType: string; body: string };
  /** Of one message, as the sender keeps it. */
  timeoutMs: number;
  pausesMs: readonly number[];
  probeMs: number;
  /** How long what is over is kept to be looked at. */
  keepMs: number;
  logger: Logger;
  mayWork?: MayWork;
};

/** Divides the feed, tells what is due, and forgets what was told long ago. Any process may run it. */
export function createWebhooks(options: Options): Pick<Loop, 'start' | 'stop'> {
  const { work, keepMs, logger, mayWork } = options;
  const teller = createTeller(options);
  let idleUntil = 0;
  let wanted = false;
  /** Where nobody is subscribed, the database is spared the rest. */
  async function isWanted(): Promise<boolean> {
    if (performance.now() < idleUntil) return wanted;
    wanted = await work.hasWork();
    idleUntil = performance.now() + IDLE_MS;
    return wanted;
  }
  const loop = (name: string, pauseMs: number, turn: () => Promise<boolean>): Loop =>
    createLoop({ name, pauseMs, work: turn, logger, mayWork });
  const loops = [
    loop('webhook feeds', PAUSE_MS, async () => (await isWanted()) && (await work.feed({ limit: FEED_BATCH }))),
    loop('webhooks', PAUSE_MS, async () => (await isWanted()) && (await teller.turn())),
    loop('old webhooks', FORGET_PAUSE_MS, () => work.forget({ olderThanMs: keepMs, limit: FORGET_BATCH })),
  ];
  return {
    start: () => loops.forEach(({ start }) => start()),
    stop: async () => {
      teller.stop();
      await Promise.all(loops.map(({ stop }) => stop()));
      await teller.idle();
    },
  };
}

function createTeller({ work, sender, messageOf, timeoutMs, pausesMs, probeMs, logger }: Options) {
  const underWay = new Map<Promise<void>, string>();
  let stopped = false;

  async function turn(): Promise<boolean> {
    if (stopped || underWay.size >= AT_MOST) return false;
    const lanes = await work.claim({
      perSubscription: PER_SUBSCRIPTION,
      atMost: AT_MOST - underWay.size,
      perLane: PER_LANE,
      leaseMs: PER_LANE * timeoutMs + LEASE_SLACK_MS,
      probeMs,
      underWay: counted(),
    });
    for (const lane of lanes) {
      const telling = tell(lane).finally(() => underWay.delete(telling));
      underWay.set(telling, lane.subscriptionId);
    }
    if (lanes.length > 0) return true;
    // Whoever is busy has something more, perhaps: as soon as it is less so it is asked again, not a pause later.
    if (underWay.size === 0) return false;
    await Promise.race([...underWay.keys(), sleep(ROOM_PAUSE_MS, undefined, { ref: false })]);
    return true;
  }

  function counted(): Record<string, number> {
    const counts: Record<string, number> = {};
    for (const id of underWay.values()) counts[id] = (counts[id] ?? 0) + 1;
    return counts;
  }

  /** Never rejects: what could not be settled is claimed again when its time is over. */
  async function tell(lane: WebhookLane): Promise<void> {
    try {
      const answers: SettledLane['answers'][number][] = [];
      const claimedAt = Date.parse(lane.claimedAt);
      const begun = performance.now();
      for (const { id, attempts, event } of lane.deliveries) {
        if (stopped) break;
        const message = { at: new Date(claimedAt + (performance.now() - begun)), ...messageOf(event, lane.format) };
        const answer = await inSpanOf(lane, { attempts, event }, () =>
          sender.send({ target: lane.target, ...message }),
        );
        answers.push({ id, answer });
        if (!answer.isDelivered) break;
      }
      await work.settle({ lane, answers, retryInMs: retryOf(lane, answers) });
    } catch (error) {
      const { subscriptionId, orderId } = lane;
      inTrace(lane, () => logger.warn({ err: error, subscriptionId, orderId }, NOT_SETTLED));
    }
  }

  function retryOf({ deliveries }: WebhookLane, answers: SettledLane['answers']): number | null {
    const last = answers.at(-1);
    if (!last || last.answer.isDelivered) return 0;
    const attempts = (deliveries.find(({ id }) => id === last.id)?.attempts ?? 0) + 1;
    return retryPauseMs({ attempts, draw: Math.random(), pausesMs, askedMs: last.answer.retryAfterMs });
  }

  return {
    turn,
    stop: () => void (stopped = true),
    idle: async () => void (await Promise.all(underWay.keys())),
  };
}

/** Each try is a span in the trace of the order, and the message goes out under it. */
const inSpanOf = (
  lane: WebhookLane,
  { attempts, event }: { attempts: number; event: EventEnvelope },
  send: () => Promise<WebhookAnswer>,
): Promise<WebhookAnswer> => {
  const { orderId, subscriptionId } = lane;
  const attributes = {
    ...{ 'event.type': event.eventType, 'event.sequence': event.sequence },
    ...{ 'webhook.subscription_id': subscriptionId, 'webhook.attempt': attempts + 1 },
  };
  const order = { orderId, correlationId: event.metadata.correlationId };
  return inTrace(lane, () =>
    inSpan({ name: `webhook ${event.eventType}`, order, attributes }, send, (answer) =>
      answer.isDelivered ? null : String(answer.status ?? 'no answer'),
    ),
  );
};
