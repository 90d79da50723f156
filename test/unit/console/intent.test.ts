import { expect, test } from '@jest/globals';
import {
  closeIntent,
  isUnanswered,
  keepIntent,
  ofTenant,
  openIntent,
  type Store,
} from '../../../console/src/lib/intent.ts';

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
  const begun = openIntent(store, { name: 'refund', initial: { reason: '' } }, newKey);
  const sent = { body: { amountMinor: 1 }, headers: { 'If-Match': '"7"' } };
  keepIntent(store, 'refund', { ...begun, draft: { reason: 'broken' }, sent });
  expect(openIntent(store, { name: 'refund', initial: { reason: '' } }, newKey)).toEqual({
    key: 'key-1',
    draft: { reason: 'broken' },
    sent,
    about: '{}',
  });
  expect(openIntent(store, { name: 'cancel' }, newKey).key).toBe('key-2');
});

test('what was answered is over: the next is another intent', () => {
  const [store, newKey] = [newStore(), keys()];
  const begun = openIntent(store, { name: 'refund' }, newKey);
  keepIntent(store, 'refund', begun);
  expect(isUnanswered(store, 'refund')).toBe(false);
  keepIntent(store, 'refund', { ...begun, sent: { body: {}, headers: {} } });
  expect(isUnanswered(store, 'refund')).toBe(true);
  closeIntent(store, 'refund');
  expect(isUnanswered(store, 'refund')).toBe(false);
  expect(openIntent(store, { name: 'refund' }, newKey)).toMatchObject({ key: 'key-2', sent: null });
});

test('what somebody else left under its name is begun anew', () => {
  const store = newStore();
  store.setItem('durable-orders.intent.refund', '{"key":');
  expect(openIntent(store, { name: 'refund' }, keys()).key).toBe('key-1');
});

test('what was written about a version that is no more is begun anew, unless it was sent', () => {
  const [store, newKey] = [newStore(), keys()];
  const seen = (version: string, units: string) => ({
    ...{ name: 'amend', initial: { units, reason: '' }, headers: { 'If-Match': version } },
  });
  const begun = openIntent(store, seen('"7"', '2'), newKey);
  keepIntent(store, 'amend', { ...begun, draft: { units: '2', reason: 'one more' } });
  expect(openIntent(store, seen('"7"', '2'), newKey).draft).toEqual({ units: '2', reason: 'one more' });
  expect(openIntent(store, seen('"8"', '3'), newKey)).toMatchObject({
    key: 'key-2',
    draft: { units: '3', reason: '' },
  });
  const sent = { body: {}, headers: { 'If-Match': '"7"' } };
  keepIntent(store, 'amend', { ...begun, sent });
  expect(openIntent(store, seen('"8"', '3'), newKey)).toMatchObject({ key: 'key-1', sent });
});

test('what was begun for one tenant is not sent for another', () => {
  const [store, newKey] = [newStore(), keys()];
  const [ours, theirs] = [ofTenant(store, 'local'), ofTenant(store, 'other')];
  keepIntent(ours, 'adjust', { ...openIntent(ours, { name: 'adjust' }, newKey), sent: { body: {}, headers: {} } });
  expect([isUnanswered(ours, 'adjust'), isUnanswered(theirs, 'adjust')]).toEqual([true, false]);
  expect(openIntent(theirs, { name: 'adjust' }, newKey).key).toBe('key-2');
});
