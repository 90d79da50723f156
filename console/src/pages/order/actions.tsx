// What can be done about the order now, as the api says it: the rest is told with its reason, not shown as a button.
import { useState } from 'preact/hooks';
import type { Answer } from '../../lib/api.ts';
import { words } from '../../lib/format.ts';
import type { Action } from '../../lib/types.ts';
import { isUnanswered } from '../../lib/intent.ts';
import { useStore } from '../../lib/place.ts';
import { DeedDialog, type Deed } from '../../ui/deed.tsx';
import { Badge, Card, nameOfAction } from '../../ui/parts.tsx';
import { deedsOf } from './deeds.ts';
import type { Whole } from './whole.ts';

export function Actions({ whole, onDone }: { whole: Whole; onDone: (answer: Answer<unknown>) => void }) {
  const [opened, setOpened] = useState<Deed | null>(null);
  const store = useStore();
  const [said, setSaid] = useState('');
  const possible = whole.actions.filter(({ allowed }) => allowed);
  const impossible = whole.actions.filter(({ allowed }) => !allowed);
  const done = (answer: Answer<unknown>): void => {
    setSaid(`${opened?.title ?? 'It'}: done. What comes of it is shown here.`);
    setOpened(null);
    onDone(answer);
  };
  return (
    <Card title="What can be done now">
      <p role="status" class="done">
        {said}
      </p>
      {possible.length === 0 && <p class="note">Nothing, just now.</p>}
      <ul class="actions">
        {possible.flatMap((action) =>
          deedsOf(action, whole).map((deed) => (
            <li key={deed.name}>
              <button type="button" onClick={() => (setSaid(''), setOpened(deed))}>
                {deed.title}
              </button>
              {isUnanswered(store, deed.name) && (
                <>
                  {' '}
                  <Badge word="begun, not answered yet" tone="alert" />
                </>
              )}
            </li>
          )),
        )}
      </ul>
      <Impossible actions={impossible} />
      {opened && <DeedDialog key={opened.name} deed={opened} onDone={done} onClose={() => setOpened(null)} />}
    </Card>
  );
}

function Impossible({ actions }: { actions: Action[] }) {
  if (actions.length === 0) return null;
  return (
    <details>
      <summary>What can not be done, and why ({actions.length})</summary>
      <dl class="impossible">
        {actions.map(({ name, number, parked, whyNot }) => (
          <div key={`${name} ${number ?? ''} ${parked?.workflowId ?? ''}`}>
            <dt>
              {nameOfAction(name)}
              {number !== undefined && ` ${number}`}
              {parked && ` (${words(parked.step)})`}
            </dt>
            <dd>{whyNot}</dd>
          </div>
        ))}
      </dl>
    </details>
  );
}
