// Events to a broker that speaks AMQP 0-9-1. What must stay true: published is only what the broker has confirmed; nothing it does (hangs,
// blocks, refuses, goes away) takes longer than its limit; and no error carries the password.
import { connect as connectAmqp, type ChannelModel, type ConfirmChannel } from 'amqplib';
import type { BrokerPublisher, FeedEvent } from '../../ports/broker.ts';
import type { AmqpTarget } from '../../runtime/broker-settings.ts';
import { currentTraceparent, inSpan, inTrace } from '../../runtime/tracing/trace.ts';
import type { AmqpMessage } from './message.ts';

const HEARTBEAT_S = 10;
const CLOSE_MS = 1_000;

type Options = {
  target: AmqpTarget;
  exchange: string;
  /** Of each answer of the broker. */
  timeoutMs: number;
  messageOf: (event: FeedEvent) => AmqpMessage;
  /** Told of each message that no queue was bound for. */
  onUnrouted?: (routingKey: string) => void;
};

/** Connects when it is asked to, and again after whatever went wrong, until it is closed: that ends whatever it waits for. */
export function createAmqpPublisher(options: Options): BrokerPublisher & { close: () => Promise<void> } {
  const { target, exchange, messageOf } = options;
  const named = `the broker at ${target.hostname}:${target.port}`;
  const closing = createTrouble();
  let isClosed = false;
  let line: Line | null = null;

  /** Says which broker it is; the URL itself is in no error. */
  async function told<T>(work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (cause) {
      throw new Error(`${named}: ${describe(cause)}`, { cause });
    }
  }

  async function open(declare: boolean): Promise<Line> {
    if (isClosed) throw new Error('it is closed');
    const opening = openLine(options, declare);
    // Whoever does not wait for it any more does not want it either.
    void opening.then((late) => (isClosed ? late.close() : undefined)).catch(() => undefined);
    return closing.orDone(opening);
  }

  async function connect({ declare }: { declare: boolean }): Promise<void> {
    if (line?.isOver()) await hangUp(line);
    line ??= await told(open(declare));
    const reason = line.blockedBecause();
    if (reason !== null) throw new Error(`${named}: it takes nothing at the moment (${reason})`);
  }

  async function publish({ events, onConfirmed }: Parameters<BrokerPublisher['publish']>[0]): Promise<void> {
    const using = line;
    if (!using) throw new Error(`${named}: not connected`);
    const outgoing = events.map((event) => ({ event, message: messageOf(event), confirmed: () => onConfirmed(event) }));
    try {
      await told(closing.orDone(using.send(exchange, outgoing)));
    } catch (error) {
      // One that blocks is left as it is: it says so itself when it goes on. One that has answered of each message is well. Of any other
      // nobody knows what it still does.
      const isWell = error instanceof Error && error.cause instanceof NotTaken;
      if (using.blockedBecause() === null && !isWell) await hangUp(using);
      throw error;
    }
  }

  async function hangUp(using: Line): Promise<void> {
    if (line === using) line = null;
    await using.close();
  }

  async function close(): Promise<void> {
    isClosed = true;
    closing.happens(new Error('it is closed'));
    if (line) await hangUp(line);
  }

  return { connect, publish, close };
}

/** It has answered of all of them, and of some with a no: a queue that is full. */
class NotTaken extends Error {}

/** A name that has several addresses fails with an error that has no message of its own. */
function describe(error: unknown): string {
  const { message, code } = error as NodeJS.ErrnoException;
  return message || code || String(error);
}

type Line = Awaited<ReturnType<typeof openLine>>;

/** A connection and its one channel, on which messages stay in their order. */
async function openLine({ target, exchange, timeoutMs, onUnrouted = () => undefined }: Options, declare: boolean) {
  const model = await connectAmqp(
    { ...target, heartbeat: HEARTBEAT_S },
    // Small messages that are waited for: without noDelay each may wait for the one before to be acknowledged.
    { noDelay: true, keepAlive: true, timeout: timeoutMs, clientProperties: { connection_name: 'durable-orders' } },
  );
  const trouble = createTrouble();
  let blocked: string | null = null;
  let isOver = false;
  const end = (error: Error): void => {
    isOver = true;
    trouble.happens(error);
  };
  model.on('error', end);
  model.on('close', (error?: Error) => end(error ?? new Error('the connection was closed')));
  model.on('blocked', (reason) => trouble.happens(new Error(`it takes nothing at the moment (${(blocked = reason)})`)));
  model.on('unblocked', () => (blocked = null));
  const within = <T>(work: Promise<T>): Promise<T> => trouble.orDone(withinTime(work, timeoutMs));
  try {
    const channel = await within(openChannel(model, end));
    // Before what a message is confirmed with.
    channel.on('return', ({ fields }) => onUnrouted(fields.routingKey));
    if (declare) await within(channel.assertExchange(exchange, 'topic', { durable: true }));
    // One that was there and is gone took its queues' bindings with it: one made anew would lead nowhere, and confirm everything.
    else await within(channel.checkExchange(exchange));
    return {
      isOver: () => isOver,
      blockedBecause: () => blocked,
      send: (to: string, outgoing: readonly Outgoing[]) => within(sendAll(channel, to, outgoing)),
      close: () => closeQuietly(model),
    };
  } catch (error) {
    await closeQuietly(model);
    throw error;
  }
}

async function openChannel(model: ChannelModel, end: (error: Error) => void): Promise<ConfirmChannel> {
  const channel = await model.createConfirmChannel();
  // The broker says here what it does not accept: an exchange of that name that is another one, no rights.
  channel.on('error', end);
  channel.on('close', () => end(new Error('the channel was closed')));
  return channel;
}

type Outgoing = { event: FeedEvent; message: AmqpMessage; confirmed: () => void };

/** Waits for the answer to each of them: what was taken counts, whatever becomes of the others. */
async function sendAll(channel: ConfirmChannel, exchange: string, outgoing: readonly Outgoing[]): Promise<void> {
  const sent = outgoing.map((one) => sendInSpan(channel, exchange, one).then(one.confirmed));
  const refused = (await Promise.allSettled(sent)).filter(({ status }) => status === 'rejected');
  if (refused.length > 0) throw new NotTaken(`it did not take ${refused.length} of ${outgoing.length} messages`);
}

/** In the trace of the order, which goes on at whoever consumes it. */
const sendInSpan = (channel: ConfirmChannel, exchange: string, { event: told, message }: Outgoing): Promise<void> => {
  const { orderId, event } = told;
  const attributes = {
    ...{ 'messaging.system': 'rabbitmq', 'messaging.destination.name': exchange },
    ...{ 'event.type': event.eventType, 'event.sequence': event.sequence },
  };
  const order = { orderId, correlationId: event.metadata.correlationId };
  return inTrace(told, () =>
    inSpan({ name: `publish ${event.eventType}`, order, attributes }, () =>
      sendOne(channel, exchange, withTraceparent(message, currentTraceparent())),
    ),
  );
};

const withTraceparent = ({ properties, ...message }: AmqpMessage, traceparent: string | null): AmqpMessage => ({
  ...message,
  properties: { ...properties, headers: { ...properties.headers, ...(traceparent ? { traceparent } : {}) } },
});

/** `mandatory`: what no queue is bound for comes back. It is confirmed all the same: nobody wants it yet. */
const sendOne = (
  channel: ConfirmChannel,
  exchange: string,
  { routingKey, body, properties }: AmqpMessage,
): Promise<void> =>
  new Promise((resolve, reject) => {
    const options = { ...properties, persistent: true, mandatory: true };
    channel.publish(exchange, routingKey, body, options, (error: unknown) => {
      if (error) reject(error instanceof Error ? error : new Error('it did not take a message'));
      else resolve();
    });
  });

/** Ends what is waited for as soon as something goes wrong, instead of at the end of its time. */
function createTrouble() {
  const listeners = new Set<(error: Error) => void>();
  return {
    happens: (error: Error): void => listeners.forEach((tell) => tell(error)),
    orDone: async <T>(work: Promise<T>): Promise<T> => {
      let tell: (error: Error) => void = () => undefined;
      const trouble = new Promise<never>((_resolve, reject) => (tell = reject));
      listeners.add(tell);
      try {
        return await Promise.race([work, trouble]);
      } finally {
        listeners.delete(tell);
      }
    },
  };
}

async function withinTime<T>(work: Promise<T>, timeoutMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** A broker that says nothing any more is not waited for; its heartbeat ends the rest. */
const closeQuietly = (model: ChannelModel): Promise<void> => withinTime(model.close(), CLOSE_MS).catch(() => undefined);
