// Effects that the database refuses until they are let go, each for one order: what keeps an order at a step, or at an undo,
// that needs nothing but PostgreSQL.
import type { Stack } from './stack.ts';

/** The step of a bulk decision, and of a comparison, that is the last of its workflow; neither is an event of an order. */
export const RECORD_OUTCOME = 'an outcome';
export const FINISH_COMPARISON = 'the end of a comparison';

/** Must come before anything is refused. Every change of an order writes an event, so that is where it is refused. */
export async function installRefusals({ db }: Pick<Stack, 'db'>): Promise<void> {
  await db.query(`
    create table refused (order_id text, effect text);
    create function refuse_event() returns trigger language plpgsql as $$ begin
      if exists (select 1 from refused where order_id = new.order_id and effect = new.event_type) then
        raise exception 'refused by the test: %', new.event_type;
      end if;
      return new;
    end $$;
    create trigger refuse_events before insert on events for each row execute function refuse_event();
    create function refuse_outcome() returns trigger language plpgsql as $$ begin
      if exists (select 1 from refused where order_id = new.order_id and effect = '${RECORD_OUTCOME}') then
        raise exception 'refused by the test: an outcome';
      end if;
      return new;
    end $$;
    create trigger refuse_outcomes before update on resolution_orders for each row execute function refuse_outcome();
    create function refuse_finish() returns trigger language plpgsql as $$ begin
      if new.finished_at is not null and exists (select 1 from refused where effect = '${FINISH_COMPARISON}') then
        raise exception 'refused by the test: the end of a comparison';
      end if;
      return new;
    end $$;
    create trigger refuse_finishes before update on reconciliations for each row execute function refuse_finish();
  `);
}

export async function refuse({ db }: Pick<Stack, 'db'>, orderId: string, effect: string): Promise<void> {
  await db.query('insert into refused values ($1, $2)', [orderId, effect]);
}

export async function refuseNothing({ db }: Pick<Stack, 'db'>): Promise<void> {
  await db.query('delete from refused');
}
