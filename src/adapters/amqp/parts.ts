// Puts together what the publishing of events needs, by the settings; nothing where there is no broker.
import type { BrokerParts } from '../../ports/broker.ts';
import type { BrokerSettings } from '../../runtime/broker-settings.ts';
import type { CrashPoints } from '../../runtime/crash-points.ts';
import { crashBeforeCommit } from '../postgres/crash-before-commit.ts';
import { createBrokerWork } from '../postgres/broker.ts';
import type { Database } from '../postgres/database.ts';
import { amqpMessageOf } from './message.ts';
import { createAmqpPublisher } from './publisher.ts';

export function openBroker({
  settings,
  db,
  crashPoints,
}: {
  settings: BrokerSettings & { PUBLIC_URL: string };
  db: Database;
  crashPoints: CrashPoints;
}): BrokerParts | null {
  const { AMQP_URL: target, AMQP_EXCHANGE: exchange, AMQP_TIMEOUT_MS: timeoutMs, AMQP_FORMAT: format } = settings;
  if (!target) return null;
  const unrouted = new Map<string, number>();
  const { connect, publish, close } = createAmqpPublisher({
    ...{ target, exchange, timeoutMs },
    messageOf: (event) => amqpMessageOf(event, { format, publicUrl: settings.PUBLIC_URL }),
    onUnrouted: (type) => unrouted.set(type, (unrouted.get(type) ?? 0) + 1),
  });
  return {
    work: crashPoints.around(
      'brokerWork',
      createBrokerWork({ db: crashBeforeCommit(db, crashPoints.beforeCommit), exchange }),
    ),
    publisher: crashPoints.around('brokerPublisher', { connect, publish }),
    close,
    after: settings.AMQP_AFTER ?? null,
    timeoutMs,
    unrouted,
  };
}
