// The entry of the workflow bundle: every workflow type that a worker of ours can run.
export { processOrder } from './process-order.ts';
export { resolveMany } from './resolve-many.ts';
