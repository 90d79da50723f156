// The entry of the workflow bundle: every workflow type that a worker of ours can run.
import './versioning.ts';

export { captureOrder } from './capture-order.ts';
export { amendOrder } from './amend-order.ts';
export { followPayment } from './follow-payment.ts';
export { processOrder } from './process-order.ts';
export { reconcile } from './reconcile.ts';
export { refundOrder } from './refund-order.ts';
export { returnOrder } from './return-order.ts';
export { sendNotice } from './send-notice.ts';
export { shipParcel } from './ship-parcel.ts';
export { resolveMany } from './resolve-many.ts';
