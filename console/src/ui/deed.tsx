// A dialog in which somebody decides something: fields, a typed reason, one button. One key for what is decided, kept with what was typed
// until it is answered: a double click, a lost answer, a reload carry it out once.
import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { ApiError, ask, type Answer } from '../lib/api.ts';
import { closeIntent, keepIntent, openIntent, type Intent, type Sent } from '../lib/intent.ts';
import { errorAt, type ProblemBody } from '../lib/problem.ts';
import { useStore } from '../lib/place.ts';
import { problemOf } from '../lib/resource.ts';
import { ChoiceField, TextField } from './fields.tsx';
import { Problem } from './parts.tsx';

export type Draft = Record<string, string>;
export type Field = {
  name: string;
  label: string;
  /** Where its mistakes are told. */
  pointer?: string;
  hint?: string;
  type?: string;
  choices?: [value: string, text: string][];
  required?: boolean;
  shown?: (draft: Draft) => boolean;
};
export type Deed = {
  /** Names the intent: the same deed about the same thing. */
  name: string;
  title: string;
  does: string;
  button: string;
  path: string;
  headers?: Record<string, string>;
  fields: Field[];
  initial?: Draft;
  /** What is sent; a sentence where it can not be. */
  body: (draft: Draft) => object | string;
  /** Said before it is decided: how many it concerns. */
  preview?: (draft: Draft) => Promise<string>;
};

const newKey = (): string => `console-${crypto.randomUUID()}`;

/** `onClose`: nothing was decided, or nobody knows yet. */
export function DeedDialog({
  deed,
  onDone,
  onClose,
}: {
  deed: Deed;
  onDone: (answer: Answer<unknown>) => void;
  onClose: () => void;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  const { intent, change, discard } = useIntent(deed);
  const { send, isBusy, problem, preview } = useSending(deed, intent, change, onDone);
  useEffect(() => dialog.current?.showModal(), []);
  const wasSent = intent.sent !== null;
  return (
    <dialog
      ref={dialog}
      aria-labelledby="deed-title"
      onClose={onClose}
      onCancel={(event) => isBusy && event.preventDefault()}
    >
      <form onSubmit={(event) => (event.preventDefault(), void send())}>
        <h2 id="deed-title">{deed.title}</h2>
        <p>{deed.does}</p>
        {wasSent && !isBusy && <Unanswered />}
        <Fields deed={deed} draft={intent.draft} problem={problem} disabled={wasSent} onChange={change} />
        {preview && (
          <p class="preview" role="status">
            {preview}
          </p>
        )}
        {problem && <Problem problem={problem} />}
        <div class="buttons">
          <button type="submit" class="primary" aria-disabled={isBusy}>
            {isBusy
              ? 'Sending …'
              : wasSent
                ? 'Send the same again'
                : deed.preview && preview === null
                  ? 'Count first'
                  : deed.button}
          </button>
          {wasSent && !isBusy && <Anew onSure={discard} />}
          <button type="button" disabled={isBusy} onClick={() => dialog.current?.close()}>
            Close
          </button>
        </div>
      </form>
    </dialog>
  );
}

const Unanswered = (): ComponentChildren => (
  <p class="problem" role="alert">
    This was sent, and no answer came: nobody knows whether it has arrived. Sent again as it is, it is carried out once.
  </p>
);

/** What was sent may have been carried out: written anew it is another, so it is asked twice. */
function Anew({ onSure }: { onSure: () => void }) {
  const [isAsked, setAsked] = useState(false);
  return (
    <>
      {isAsked && <p role="alert">If the first has arrived, it happens twice: look at the order first.</p>}
      <button type="button" onClick={isAsked ? onSure : () => setAsked(true)}>
        {isAsked ? 'Write it anew all the same' : 'Write it anew'}
      </button>
    </>
  );
}

function Fields({
  deed,
  draft,
  problem,
  disabled,
  onChange,
}: {
  deed: Deed;
  draft: Draft;
  problem: ProblemBody | null;
  disabled: boolean;
  onChange: (draft: Draft) => void;
}) {
  return (
    <>
      {deed.fields
        .filter(({ shown }) => shown?.(draft) ?? true)
        .map(({ name, pointer = `/${name}`, choices, shown: _, ...field }) => {
          const value = draft[name] ?? '';
          const common = { ...field, value, disabled, error: errorAt(problem, pointer) };
          const set = (typed: string): void => onChange({ ...draft, [name]: typed });
          return choices ? (
            <ChoiceField key={name} {...common} choices={choices} onChange={set} />
          ) : (
            <TextField key={name} {...common} onChange={set} />
          );
        })}
    </>
  );
}

function useIntent(deed: Deed): {
  intent: Intent;
  change: (draft: Draft, sent?: Sent | null) => void;
  discard: () => void;
} {
  const store = useStore();
  const [intent, setIntent] = useState(() => openIntent(store, deed, newKey));
  const keep = (next: Intent): void => {
    keepIntent(store, deed.name, next);
    setIntent(next);
  };
  return {
    intent,
    change: (draft, sent = null) => keep({ ...intent, draft, sent }),
    // Under another key: what was sent may have been carried out.
    discard: () => keep({ ...intent, key: newKey(), sent: null }),
  };
}

function useSending(
  deed: Deed,
  intent: Intent,
  change: (draft: Draft, sent?: Sent | null) => void,
  onDone: (answer: Answer<unknown>) => void,
) {
  const store = useStore();
  const [isBusy, setBusy] = useState(false);
  const busy = useRef(false);
  const [problem, setProblem] = useState<ProblemBody | null>(null);
  const [counted, setCounted] = useState<{ of: string; says: string } | null>(null);
  const said = JSON.stringify(intent.draft);
  const preview = counted?.of === said ? counted.says : null;

  const work = async (): Promise<void> => {
    if (deed.preview && preview === null && intent.sent === null)
      return setCounted({ of: said, says: await deed.preview(intent.draft) });
    const body = intent.sent?.body ?? deed.body(intent.draft);
    if (typeof body === 'string') return setProblem({ ...notYet, detail: body });
    const headers = intent.sent?.headers ?? deed.headers ?? {};
    change(intent.draft, { body, headers });
    const answer = await ask(deed.path, {
      method: 'POST',
      body,
      headers: { 'Idempotency-Key': intent.key, ...headers },
    });
    closeIntent(store, deed.name);
    onDone(answer);
  };
  const send = async (): Promise<void> => {
    // A second click comes before the first has drawn anything.
    if (busy.current) return;
    busy.current = true;
    setBusy(true);
    setProblem(null);
    try {
      await work();
    } catch (error) {
      // A refusal has changed nothing and binds nothing: it can be written otherwise. Not where a try before this one may have arrived.
      if (error instanceof ApiError && (intent.sent === null ? !error.isUnknown : error.isAnswer)) change(intent.draft);
      setProblem(problemOf(error));
      setCounted(null);
    } finally {
      busy.current = false;
      setBusy(false);
    }
  };
  return { send, isBusy, problem, preview };
}

const notYet: ProblemBody = { type: 'about:blank', title: 'Not sent yet', status: 400, detail: '' };
