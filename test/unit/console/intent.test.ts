import { expect, test } from '@jest/globals';
import { closeIntent, hasIntent, keepIntent, openIntent, type Store } from '../../../console/src/lib/intent.ts';

const newStore = (): Store => {
  const kept = new Map<string, string>();
  return {
    getItem: (name) => kept.get(name) ?? null,
    setItem: (name, value) => void kept.set(name, value),
    removeItem: (name) => void kept.delete(name),
  };
};
const keys = () => {
  let made = 0;
  return () => `key-${(made += 1)}`;
};

test('what was sent and not answered is there after a reload, under its key', () => {
  const [store, newKey] = [newStore(), keys()];
  const begun = openIntent(store, 'refund', { reason: '' }, newKey);
  const sent = { body: { amountMinor: 1 }, headers: { 'If-Match': '"7"' } };
  keepIntent(store, 'refund', { ...begun, draft: { reason: 'broken' }, sent });
  expect(openIntent(store, 'refund', { reason: '' }, newKey)).toEqual({
    key: 'key-1',
    draft: { reason: 'broken' },
    sent,
  });
  expect(openIntent(store, 'cancel', {}, newKey).key).toBe('key-2');
});

test('what was answered is over: the next is another intent', () => {
  const [store, newKey] = [newStore(), keys()];
  keepIntent(store, 'refund', openIntent(store, 'refund', {}, newKey));
  expect(hasIntent(store, 'refund')).toBe(true);
  closeIntent(store, 'refund');
  expect(hasIntent(store, 'refund')).toBe(false);
  expect(openIntent(store, 'refund', {}, newKey)).toMatchObject({ key: 'key-2', sent: null });
});

test('what somebody else left under its name is begun anew', () => {
  const store = newStore();
  store.setItem('durable-orders.intent.refund', '{"key":');
  expect(openIntent(store, 'refund', {}, keys()).key).toBe('key-1');
});
