// Break it and watch: levers on one side, what becomes of the orders on the other, and above both what must hold all the time.
import { useEffect, useRef, useState } from 'preact/hooks';
import { usePlace } from '../../lib/place.ts';
import { problemOf } from '../../lib/resource.ts';
import type { ProblemBody } from '../../lib/problem.ts';
import { Empty, Live as Said, Problem, StreamNote, Title } from '../../ui/parts.tsx';
import { Charts, Counts } from './charts.tsx';
import { command, useLive, type Act, type Chaos, type Invariant, type Strike } from './control.ts';
import { Invariants } from './invariants.tsx';
import { Levers } from './levers.tsx';

export function ChaosPage() {
  const { chaos } = usePlace().config;
  if (chaos) return <Arena chaos={chaos} />;
  return (
    <>
      <Title text="Chaos" />
      <Empty>
        <p>
          Nothing can be broken here: that is only for the stack on one machine (<code>npm start</code>), with its own
          database and its own Temporal, and without keys.
        </p>
      </Empty>
    </>
  );
}

const KEPT_STRIKES = 20;

function Arena({ chaos }: { chaos: Chaos }) {
  const watched = useLive(chaos);
  const { live } = watched;
  const [strikes, setStrikes] = useState<Strike[]>([]);
  const [problem, setProblem] = useState<ProblemBody | null>(null);
  const act: Act = async (what, method, path, body) => {
    try {
      await command(chaos, method, path, body);
      setProblem(null);
      setStrikes((was) => [...was, { at: Date.now() / 1_000, what }].slice(-KEPT_STRIKES));
    } catch (error) {
      setProblem(problemOf(error));
    }
  };
  const change = useChange(live?.invariants ?? []);
  return (
    <>
      <Title text="Chaos">
        <span>
          <StreamNote state={watched.state} />{' '}
          <button type="button" class="primary" onClick={() => void act('Restored', 'POST', '/restore')}>
            Restore everything
          </button>
        </span>
      </Title>
      <Said text={[strikes.at(-1)?.what ?? '', change].filter(Boolean).join('. ')} />
      {problem && <Problem problem={problem} />}
      {live === null ? (
        <p class="loading" role="status">
          Reading what there is …
        </p>
      ) : (
        <>
          <Invariants of={live.invariants} isStale={watched.state !== 'live'} />
          <Counts live={live} />
          <div class="columns arena">
            <Levers live={live} act={act} />
            <Charts points={watched.points} strikes={strikes} />
          </div>
        </>
      )}
    </>
  );
}

/** In words what has become of an invariant, for who can not see its colour. */
function useChange(invariants: readonly Invariant[]): string {
  const before = useRef(new Map<string, string>());
  const [said, setSaid] = useState('');
  useEffect(() => {
    const changed = invariants.filter(({ name, state }) => (before.current.get(name) ?? state) !== state);
    for (const { name, state } of invariants) before.current.set(name, state);
    if (changed.length > 0) setSaid(changed.map(({ name, state }) => `${name}: ${state}`).join('. '));
  }, [invariants]);
  return said;
}
