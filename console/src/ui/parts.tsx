// What every page is made of.
import type { ComponentChildren, TargetedMouseEvent } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { capital, duration, instant, words } from '../lib/format.ts';
import { adviceOf, type ProblemBody } from '../lib/problem.ts';
import { hrefOf, useRoute } from '../lib/route.ts';
import type { StreamState } from '../lib/stream.ts';

type Children = { children?: ComponentChildren };

/** A link into the console. */
export function Link({ to, current, children }: Children & { to: string; current?: boolean }) {
  const { go } = useRoute();
  const onClick = (event: TargetedMouseEvent<HTMLAnchorElement>): void => {
    // Another tab, another window: the browser's own business.
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    go(to);
  };
  return (
    <a href={hrefOf(to)} onClick={onClick} aria-current={current ? 'page' : undefined}>
      {children}
    </a>
  );
}

/** The one heading of a page; gets the focus when the page changes, so that a screen reader says where one is. */
export function Title({ children, text }: Children & { text: string }) {
  useEffect(() => {
    document.title = `${text} · durable-orders`;
  }, [text]);
  return (
    <div class="title">
      <h1 tabIndex={-1}>{text}</h1>
      {children}
    </div>
  );
}

export function Card({ title, children, note }: Children & { title: string; note?: ComponentChildren }) {
  const id = `card-${title.toLowerCase().replace(/\W+/g, '-')}`;
  return (
    <section class="card" aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      {note && <p class="note">{note}</p>}
      {children}
    </section>
  );
}

/** Columns of numbers, which stand on the right. */
const numeric = new Set([
  ...['Units', 'Each', 'Shipped', 'Delivered', 'Total', 'Price', 'On hand', 'Held', 'To be sold', 'How many', 'Found'],
  ...[
    'Repaired',
    'Parked',
    'Reported',
    'Amount',
    'From',
    'To',
    'Waiting',
    'Workers',
    'Tries',
    'To be told',
    'Position',
    ...['Placed', 'Confirmed', 'In flight', 'p50', 'p95'],
  ],
]);

/** A table that scrolls by itself where it is too wide: also by the keyboard. */
export function Table({ caption, head, children }: Children & { caption: string; head: string[] }) {
  return (
    <div class="scroll" role="group" aria-label={caption} tabIndex={0}>
      <table>
        <caption>{caption}</caption>
        <thead>
          <tr>
            {head.map((name) => (
              <th scope="col" key={name} class={numeric.has(name) ? 'number' : ''}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}

const tones: Record<string, string> = {
  ...{ confirmed: 'good', shipped: 'good', delivered: 'good', completed: 'good', captured: 'good', applied: 'good' },
  ...{ finished: 'good', closed: 'good', ok: 'good', approved: 'good' },
  ...{ rejected: 'bad', cancelled: 'bad', declined: 'bad', failed: 'bad', failing: 'bad', open: 'bad', lost: 'bad' },
  ...{ running: 'good', starting: 'alert', stopped: 'bad' },
  ...{ parked: 'alert', requested: 'alert', 'half-open': 'alert', degraded: 'alert' },
};

/** A word with a colour: the word says it, the colour only helps. */
export const Badge = ({ word, tone = tones[word] ?? 'plain' }: { word: string; tone?: string }) => (
  <span class={`badge ${tone}`}>{words(word)}</span>
);

export const Time = ({ at }: { at: string }) => <time dateTime={at}>{instant(at)}</time>;

/** How long it is still, second by second, and then `after`. */
export function Countdown({ until, onOver, over = 'now' }: { until: string; onOver?: () => void; over?: string }) {
  const [leftMs, setLeftMs] = useState(() => Date.parse(until) - Date.now());
  useEffect(() => {
    const look = (): boolean => {
      const left = Date.parse(until) - Date.now();
      setLeftMs(left);
      return left <= 0;
    };
    if (look()) return;
    const timer = setInterval(() => {
      if (!look()) return;
      clearInterval(timer);
      onOver?.();
    }, 1_000);
    return () => clearInterval(timer);
  }, [until]);
  return (
    <time dateTime={until} title={instant(until)}>
      {leftMs > 0 ? `in ${duration(Math.ceil(leftMs / 1_000) * 1_000)}` : over}
    </time>
  );
}

export function Problem({ problem, retry }: { problem: ProblemBody; retry?: () => void }) {
  return (
    <div class="problem" role="alert">
      <p>
        <strong>{problem.title}.</strong> {problem.detail}
      </p>
      {problem.errors && (
        <ul>
          {problem.errors.map(({ pointer, message }) => (
            <li key={pointer + message}>
              <code>{pointer || '/'}</code> {message}
            </li>
          ))}
        </ul>
      )}
      {adviceOf(problem) && <p>{adviceOf(problem)}</p>}
      {retry && (
        <button type="button" onClick={retry}>
          Try again
        </button>
      )}
    </div>
  );
}

export const Empty = ({ children }: Children) => <div class="empty">{children}</div>;

export const Loading = ({ what }: { what: string }) => (
  <p class="loading" role="status">
    Reading {what} …
  </p>
);

/** What is read of the api: while it comes, when it fails, and when it is there. */
export function Shown<T>({
  what,
  of,
  children,
}: {
  what: string;
  of: { data: T | null; problem: ProblemBody | null; isLoading: boolean; reload: () => void };
  children: (data: T) => ComponentChildren;
}) {
  return (
    <>
      {of.problem && <Problem problem={of.problem} retry={of.reload} />}
      {of.data === null && of.isLoading && <Loading what={what} />}
      {of.data !== null && children(of.data)}
    </>
  );
}

/** Says it to a screen reader without moving the focus. */
export const Live = ({ text }: { text: string }) => (
  <p class="visually-hidden" role="status" aria-live="polite">
    {text}
  </p>
);

/** Name and value, as a list that is read pair by pair. */
export const Facts = ({ of }: { of: [name: string, value: ComponentChildren][] }) => (
  <dl class="facts">
    {of.map(([name, value]) => (
      <div key={name}>
        <dt>{name}</dt>
        <dd>{value}</dd>
      </div>
    ))}
  </dl>
);

export const nameOfAction = (name: string): string => capital(words(name));

const notes: Record<StreamState, string> = {
  opening: 'connecting …',
  live: 'live',
  cut: 'cut off, connecting again',
  over: 'the last event has come',
  refused: 'not to be read with this key: load the page again',
};
export const StreamNote = ({ state }: { state: StreamState }) => <span class={`stream ${state}`}>{notes[state]}</span>;
