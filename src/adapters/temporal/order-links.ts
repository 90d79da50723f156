// What the page of a workflow in Temporal's Web UI links to: its order in the console and at the api, and all workflows of that order.
import type { Client } from '@temporalio/client';
import type { Bounds } from '../../contracts/process-order.ts';

export type LinksOf = (request: { orderId: string }) => string;

/** What starts business beside an order: with the bounds of now, and links to the order on its page. */
export type StarterOptions = { client: Client; bounds: Bounds; linksOf: LinksOf };

/** Addresses without a slash at the end: of the api, and of the Web UI, as people reach them. Answers Markdown. */
export const createOrderLinks =
  ({ publicUrl, uiUrl, namespace }: { publicUrl: string; uiUrl: string; namespace: string }): LinksOf =>
  ({ orderId }) => {
    const order = `${publicUrl}/orders/${orderId}`;
    const query = encodeURIComponent(`WorkflowId STARTS_WITH "${orderId}"`);
    return [
      `[The order](${publicUrl}/console/orders/${orderId})`,
      `[its explanation](${order}/explanation?format=markdown)`,
      `[its events](${order}/events)`,
      `[all its workflows](${uiUrl}/namespaces/${namespace}/workflows?query=${query})`,
    ].join(' · ');
  };
