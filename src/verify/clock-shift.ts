// Preloaded into a worker (`node --import …/clock-shift.js?hours=5`): its clock is that many hours off, as on a machine whose
// time is wrong. Timers are not touched: durations are right, instants are not.
const shiftMs = Number(new URL(import.meta.url).searchParams.get('hours')) * 3_600_000;

globalThis.Date = new Proxy(Date, {
  construct: (date, given: unknown[], made) =>
    Reflect.construct(date, given.length === 0 ? [date.now() + shiftMs] : given, made) as object,
  apply: (date) => new date(date.now() + shiftMs).toString(),
  get: (date, name) => (name === 'now' ? () => date.now() + shiftMs : (Reflect.get(date, name) as unknown)),
});
