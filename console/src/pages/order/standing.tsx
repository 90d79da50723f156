// Where the order stands, in words: what it waits for, who must act, the try that comes next.
import { useEffect } from 'preact/hooks';
import { capital, readable, words } from '../../lib/format.ts';
import { triesSince } from '../../lib/timeline.ts';
import { Badge, Card, Countdown, Facts, Time } from '../../ui/parts.tsx';
import type { Whole } from './whole.ts';

/** An answer of the provider takes a moment: what the try came to is read then. */
const TRY_MS = 1_500;
/** Tries are no events. While one is under way or due, what became of it is looked for. */
const LOOK_MS = 10_000;

export function Standing({ whole, onDue }: { whole: Whole; onDue: () => void }) {
  const { order, explanation, events } = whole;
  const { summary, waitingFor, mustAct, nextRetry, parked, notAsked } = explanation;
  const lastFailure = triesSince(explanation.attempts, events).at(-1) ?? explanation.attempts[0];
  useLooking(nextRetry !== null, onDue);
  return (
    <Card title="Where it stands">
      <p class="summary">{readable(summary)}.</p>
      {waitingFor && (
        <p>
          It waits for {readable(waitingFor.what)}
          {waitingFor.until && (
            <>
              , until <Time at={waitingFor.until} /> (<Countdown until={waitingFor.until} onOver={onDue} over="over" />)
            </>
          )}
          .
        </p>
      )}
      <p>{readable(mustAct.who === 'nobody' ? mustAct.how : `${capital(mustAct.who)} must act: ${mustAct.how}`)}</p>
      {nextRetry && (
        <Facts
          of={[
            ['Step', words(nextRetry.step)],
            ['Attempt', String(nextRetry.attempt)],
            ['Last failure', lastFailure?.message ?? 'none recorded'],
            [
              'Next try',
              nextRetry.at ? (
                <Countdown until={nextRetry.at} onOver={() => setTimeout(onDue, TRY_MS)} over="under way" />
              ) : (
                'under way'
              ),
            ],
          ]}
        />
      )}
      {order.attention && (
        <ul class="parked">
          {parked.map(({ step, atStake }) => (
            <li key={step}>
              <Badge word="parked" /> at {words(step)}. At stake: {readable(atStake.sentence)}
            </li>
          ))}
        </ul>
      )}
      {notAsked.map((what) => (
        <p key={what} class="note">
          {what}.
        </p>
      ))}
    </Card>
  );
}

function useLooking(isTried: boolean, look: () => void): void {
  useEffect(() => {
    if (!isTried) return;
    const timer = setInterval(() => void (document.visibilityState === 'visible' && look()), LOOK_MS);
    return () => clearInterval(timer);
  }, [isTried]);
}
