// What can be broken: processes, the provider, and how much is ordered meanwhile.
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { Badge, Card, Countdown } from '../../ui/parts.tsx';
import type { Act } from './control.ts';
import type { Fault, Live, Part } from './control.ts';

export const Levers = ({ live, act }: { live: Live; act: Act }) => (
  <div>
    <Load load={live.load} act={act} />
    <Processes parts={live.processes} act={act} />
    <Provider faults={live.faults} act={act} />
  </div>
);

function Load({ load, act }: { load: Live['load']; act: Act }) {
  const id = useId();
  const [wanted, setWanted] = useState(load.ordersPerSecond);
  const next = useRef<number | null>(null);
  const isSending = useRef(false);
  useEffect(() => {
    if (!isSending.current) setWanted(load.ordersPerSecond);
  }, [load.ordersPerSecond]);
  const takeNext = (): number | null => {
    const taken = next.current;
    next.current = null;
    return taken;
  };
  // One after the other: two that overtake each other would leave the older one in force.
  const set = async (ordersPerSecond: number): Promise<void> => {
    next.current = ordersPerSecond;
    if (isSending.current) return;
    isSending.current = true;
    for (let now = takeNext(); now !== null; now = takeNext())
      await act(`Load: ${now}/s`, 'PUT', '/load', { ordersPerSecond: now });
    isSending.current = false;
  };
  return (
    <Card title="Load">
      <div class="field">
        <label for={id}>
          Orders a second: <output for={id}>{wanted}</output>
        </label>
        <input
          id={id}
          type="range"
          min={0}
          max={50}
          value={wanted}
          aria-valuetext={`${wanted} orders a second`}
          onInput={(event) => setWanted(Number(event.currentTarget.value))}
          onChange={(event) => void set(Number(event.currentTarget.value))}
        />
      </div>
      <p class="note">
        {load.accepted.toLocaleString()} accepted, {load.unanswered} without an answer yet
        {load.refused > 0 && `, ${load.refused} refused`}
        {load.isHeldBack && ' · held back: so many are in flight that a small machine would not catch up'}
        {load.endsAt !== null && (
          <>
            {' '}
            · ends by itself <Countdown until={load.endsAt} />
          </>
        )}
      </p>
    </Card>
  );
}

/** By what name it is struck; those that are not named are only looked at. */
const names: Record<string, string> = {
  ...{ api: 'the api', worker: 'the worker', temporal: 'Temporal', simulator: 'the simulator' },
};
const order = Object.keys(names);
const struckFirst = (parts: readonly Part[]): Part[] => {
  const place = ({ name }: Part): number => (order.includes(name) ? order.indexOf(name) : order.length);
  return [...parts].sort((one, other) => place(one) - place(other));
};
/** What happens meanwhile, so that somebody knows what to look at. */
const meanwhile: Record<string, string> = {
  api: 'orders wait to be sent again',
  worker: 'orders are accepted, and wait',
  temporal: 'orders are accepted, and wait',
  simulator: 'charges are tried again; nobody can compare',
};

function Processes({ parts, act }: { parts: readonly Part[]; act: Act }) {
  const strike = (name: string, deed: string, what: string): Promise<void> =>
    act(what.replace('the ', ''), 'POST', `/processes/${name}/${deed}`);
  return (
    <Card title="Processes">
      <ul class="levers">
        {struckFirst(parts).map(({ name, pid, state }) => (
          <li key={name}>
            <span>
              <b>{name}</b> <Badge word={state} />
              <small>
                {pid === null ? 'no process' : `process ${pid}`}
                {names[name] !== undefined && state !== 'running' && ` · ${meanwhile[name] ?? ''}`}
              </small>
            </span>
            {names[name] !== undefined && (
              <span class="buttons">
                <button
                  type="button"
                  disabled={pid === null}
                  onClick={() => void strike(name, 'kill', `${names[name] ?? name} killed`)}
                >
                  Kill {names[name]}
                </button>
                {name === 'temporal' && <Stop isStopped={state === 'stopped'} strike={strike} />}
              </span>
            )}
          </li>
        ))}
      </ul>
    </Card>
  );
}

const Stop = ({
  isStopped,
  strike,
}: {
  isStopped: boolean;
  strike: (name: string, deed: string, what: string) => Promise<void>;
}) => (
  <button
    type="button"
    onClick={() =>
      void (isStopped
        ? strike('temporal', 'start', 'Temporal started')
        : strike('temporal', 'stop', 'Temporal stopped'))
    }
  >
    {isStopped ? 'Start Temporal' : 'Stop Temporal'}
  </button>
);

type Preset = {
  name: string;
  then: string;
  body: { operation: string; mode: string; times: 'always' | number; delayMs?: number };
};
const presets: readonly Preset[] = [
  {
    name: 'Lose answers',
    then: 'of the next four charges: the money moves, and nobody hears it',
    body: { operation: 'confirm', mode: 'drop_after_effect', times: 4 },
  },
  { name: 'Answer 500', then: 'nothing is done', body: { operation: 'any', mode: 'error_500', times: 'always' } },
  {
    name: 'Slow',
    then: 'every answer takes two seconds',
    body: { operation: 'any', mode: 'delay', times: 'always', delayMs: 2_000 },
  },
  {
    name: 'Down',
    then: 'connections break before anything is done',
    body: { operation: 'any', mode: 'drop_before_effect', times: 'always' },
  },
];

function Provider({ faults, act }: { faults: readonly Fault[] | null; act: Act }) {
  return (
    <Card title="Payment provider" note={faults === null ? 'It can not be asked just now.' : undefined}>
      <ul class="levers">
        {presets.map(({ name, then, body }) => {
          const armed = faults?.find(({ operation, mode }) => operation === body.operation && mode === body.mode);
          const toggle = (): Promise<void> =>
            armed
              ? act(`${name}: off`, 'DELETE', `/faults/${armed.id}`)
              : act(`Provider: ${name.toLowerCase()}`, 'POST', '/faults', body);
          return (
            <li key={name}>
              <small>{then}</small>
              <button
                type="button"
                aria-pressed={armed !== undefined}
                disabled={faults === null}
                onClick={() => void toggle()}
              >
                {name}
              </button>
            </li>
          );
        })}
      </ul>
    </Card>
  );
}
