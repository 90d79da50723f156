// The client of durable-orders for other services: README.md says it in ten lines.
export { createOrdersClient, newKey, type ConnectOptions, type OrdersClient } from './client.ts';
export { answer } from './answer.ts';
export {
  isProblem,
  ProblemError,
  UnexpectedAnswerError,
  UnreachableError,
  type FieldError,
  type ProblemSlug,
} from './problem.ts';
export { itemsOf, pagesOf, type Page } from './paging.ts';
export { follow, type FollowOptions } from './follow.ts';
export { verifyWebhook, WebhookVerificationError, type WebhookRequest } from './webhook.ts';
export { type RepeatOptions } from './repeat.ts';
export type * from './shapes.ts';
export type { components, operations, paths } from './schema.ts';
