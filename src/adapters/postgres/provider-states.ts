// What the worker processes think of the provider. What must stay true: a process that is gone is not listened to.
import { sql } from 'kysely';
import type { ProviderStates, ReportedState } from '../../ports/provider-states.ts';
import { toInstant, type Database } from './database.ts';

// Three heartbeats (see background/provider-heartbeat.ts): one that is late is no alarm.
const STALE_AFTER = '30 seconds';
// Long enough that nothing is removed which somebody still looks at, short enough that replicas of a year do not pile up.
const FORGET_AFTER = '1 hour';
// More workers than that, and nobody reads the list.
const MAX_LISTED = 500;

export const createProviderStates = ({ db }: { db: Database }): ProviderStates => ({
  report: async ({ worker, provider, state, since, failures, lastFailure }) => {
    await sql`
      with forgotten as (
        delete from provider_states
        where seen_at < clock_timestamp() - ${FORGET_AFTER}::interval and (provider, worker) <> (${provider}, ${worker})
      )
      insert into provider_states (worker, provider, state, since, failures, last_failure)
      values (${worker}, ${provider}, ${state}, ${since}::timestamptz, ${failures}, ${lastFailure})
      on conflict (provider, worker) do update
      set state = excluded.state, since = excluded.since, seen_at = clock_timestamp(), failures = excluded.failures,
          last_failure = excluded.last_failure`.execute(db);
  },

  list: async () => {
    const { rows } = await sql<ReportedState>`
      select provider, worker, state, since, failures, last_failure as "lastFailure" from provider_states
      where seen_at > clock_timestamp() - ${STALE_AFTER}::interval order by provider, worker limit ${MAX_LISTED}`.execute(
      db,
    );
    return rows.map((row) => ({ ...row, since: toInstant(row.since) }));
  },
});
