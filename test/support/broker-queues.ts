// What stands in the queues of a real broker, read as a consumer reads it.
import { connect, type ConsumeMessage } from 'amqplib';
import { until } from './until.ts';

type Body = { eventId: string; orderId: string; sequence: number; eventType: string };
export const bodyOf = ({ content }: ConsumeMessage): Body => JSON.parse(content.toString()) as Body;

/** As a consumer removes what came twice: whatever is not beyond the last of its order came before. */
export function sequencesOf(messages: readonly ConsumeMessage[]): Record<string, number[]> {
  const sequences: Record<string, number[]> = {};
  for (const { orderId, sequence } of messages.map(bodyOf)) {
    const known = (sequences[orderId] ??= []);
    if (sequence > (known.at(-1) ?? 0)) known.push(sequence);
  }
  return sequences;
}

/** Everything that the queue has until `isEnough`, in its order; it is left there. */
export async function readQueue(
  url: string,
  queue: string,
  isEnough: (messages: ConsumeMessage[]) => boolean,
): Promise<ConsumeMessage[]> {
  const model = await connect(url);
  const channel = await model.createChannel();
  const messages: ConsumeMessage[] = [];
  await channel.consume(queue, (message) => {
    if (message) messages.push(message);
  });
  await until(() => isEnough(messages), `all that belongs into ${queue}`, 60_000);
  await model.close();
  return messages;
}
