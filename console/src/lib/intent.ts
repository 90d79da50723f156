// One intent of a person: its key and what was typed, kept until it is answered. What must stay true: what may have arrived is sent again
// as it was, under the key it had, also after a reload; so it is carried out once.

/** Of the browser's own, which this is tried without. */
export type Store = {
  getItem: (name: string) => string | null;
  setItem: (name: string, value: string) => void;
  removeItem: (name: string) => void;
};

/** What went out. The version that it was about goes with it: sent again it must be about the same. */
export type Sent = { body: object; headers: Record<string, string> };
/** `sent`: what has no answer yet; null while it is being written. `about`: the version that was seen when it was begun. */
export type Intent = { key: string; draft: Record<string, string>; sent: Sent | null; about: string };
/** What is written about what is seen now: `headers` name its version. */
type Subject = { name: string; initial?: Record<string, string>; headers?: Record<string, string> };

const PREFIX = 'durable-orders.intent.';

/** What one tenant's people have begun: under the key of another tenant it would be done anew, and elsewhere. */
export const ofTenant = (store: Store, tenant: string): Store => ({
  getItem: (name) => store.getItem(`${tenant}/${name}`),
  setItem: (name, value) => store.setItem(`${tenant}/${name}`, value),
  removeItem: (name) => store.removeItem(`${tenant}/${name}`),
});

/**
 * The intent under this name, begun anew where there is none. What was written about a version that is no more is begun anew as well: its
 * numbers would take back what somebody else has changed.
 */
export function openIntent(store: Store, { name, initial = {}, headers = {} }: Subject, newKey: () => string): Intent {
  const kept = readIntent(store, name);
  const about = JSON.stringify(headers);
  if (!kept || (kept.sent === null && kept.about !== about))
    return { key: newKey(), draft: initial, sent: null, about };
  return { ...kept, draft: { ...initial, ...kept.draft } };
}

/** Whether something was sent under this name that has no answer yet. */
export const isUnanswered = (store: Store, name: string): boolean => (readIntent(store, name)?.sent ?? null) !== null;

export const keepIntent = (store: Store, name: string, intent: Intent): void =>
  store.setItem(PREFIX + name, JSON.stringify(intent));

/** It is answered, or given up: the next one is another. */
export const closeIntent = (store: Store, name: string): void => store.removeItem(PREFIX + name);

function readIntent(store: Store, name: string): Intent | null {
  try {
    const kept = JSON.parse(store.getItem(PREFIX + name) ?? 'null') as Partial<Intent> | null;
    if (typeof kept?.key !== 'string' || typeof kept.draft !== 'object') return null;
    return { key: kept.key, draft: kept.draft, sent: kept.sent ?? null, about: kept.about ?? '{}' };
  } catch {
    return null;
  }
}
