// Which version of the workers goes on with a workflow, where workers have versions (docs/changing-workflows.md). What must stay true:
// what may wait for days moves on to the next version, and so is guarded by patches; only what is over in minutes may keep its own.
import { setWorkflowOptions } from '@temporalio/workflow';
import { HAS_VERSION } from '../contracts/worker-versions.ts';
import { amendOrder } from './amend-order.ts';
import { captureOrder } from './capture-order.ts';
import { followPayment } from './follow-payment.ts';
import { processOrder } from './process-order.ts';
import { reconcile } from './reconcile.ts';
import { refundOrder } from './refund-order.ts';
import { returnOrder } from './return-order.ts';
import { resolveMany } from './resolve-many.ts';
import { sendNotice } from './send-notice.ts';
import { shipParcel } from './ship-parcel.ts';

// Of the worker, not of the run: it says nothing about commands, so a replay needs to know nothing of it.
if (HAS_VERSION in globalThis) declareBehaviours();

function declareBehaviours(): void {
  // An order can wait for a person or a customer far longer than anybody keeps an old version running; and a mistake that is put
  // right must reach the orders that are open.
  setWorkflowOptions({ versioningBehavior: 'AUTO_UPGRADE' }, processOrder);
  // Parked in front of a person, it waits as long as an order does.
  setWorkflowOptions({ versioningBehavior: 'AUTO_UPGRADE' }, followPayment);
  setWorkflowOptions({ versioningBehavior: 'AUTO_UPGRADE' }, refundOrder);
  setWorkflowOptions({ versioningBehavior: 'AUTO_UPGRADE' }, captureOrder);
  // Goods come back after weeks.
  setWorkflowOptions({ versioningBehavior: 'AUTO_UPGRADE' }, returnOrder);
  setWorkflowOptions({ versioningBehavior: 'AUTO_UPGRADE' }, amendOrder);
  // A parcel is on its way for days.
  setWorkflowOptions({ versioningBehavior: 'AUTO_UPGRADE' }, shipParcel);
  // It may wait for a mail server for days.
  setWorkflowOptions({ versioningBehavior: 'AUTO_UPGRADE' }, sendNotice);
  // Minutes: it ends where it began, and what it began with is never mixed with what the next version does.
  setWorkflowOptions({ versioningBehavior: 'PINNED' }, reconcile);
  setWorkflowOptions({ versioningBehavior: 'PINNED' }, resolveMany);
}
