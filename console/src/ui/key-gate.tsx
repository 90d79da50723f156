// Asks for a key where one is needed, and who it belongs to.
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { get } from '../lib/api.ts';
import { useResource } from '../lib/resource.ts';
import { keepKey, readKey } from '../lib/session.ts';
import type { Caller } from '../lib/types.ts';
import { TextField } from './fields.tsx';
import { Loading, Problem } from './parts.tsx';

export function KeyGate({
  isNeeded,
  children,
}: {
  isNeeded: boolean;
  children: (caller: Caller) => ComponentChildren;
}) {
  const [key, setKey] = useState(readKey);
  const caller = useResource(`caller ${key ?? ''}`, async (signal) =>
    isNeeded && key === null ? null : get<Caller>('/caller', signal),
  );
  if (caller.data) return <>{children(caller.data)}</>;
  if (caller.isLoading) return <Loading what="who you are" />;
  if (!isNeeded && caller.problem) return <Problem problem={caller.problem} retry={caller.reload} />;
  const use = (given: string): void => {
    keepKey(given);
    if (given === key) caller.reload();
    else setKey(given);
  };
  return (
    <main class="gate">
      <h1>durable-orders</h1>
      <p>
        The service asks for a key. One is made by <code>npm run keys -- create</code>; this tab keeps it until it is
        closed, and sends it nowhere else. A key that may only place orders can see nothing here: it needs{' '}
        <code>orders:read</code>.
      </p>
      {caller.problem && <Problem problem={caller.problem} />}
      <KeyForm onKey={use} />
    </main>
  );
}

function KeyForm({ onKey }: { onKey: (key: string) => void }) {
  const [typed, setTyped] = useState('');
  return (
    <form onSubmit={(event) => (event.preventDefault(), typed.trim() !== '' && onKey(typed.trim()))}>
      <TextField
        label="Key"
        type="password"
        autocomplete="off"
        required
        value={typed}
        onChange={setTyped}
        hint="It begins with dok_"
      />
      <button type="submit" class="primary">
        Use it
      </button>
    </form>
  );
}
