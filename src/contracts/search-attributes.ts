import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';

// "OrderStatus", not "Status": the Web UI has a column of that name already. No personal data: these are indexed and shown.
export const orderStatusKey = defineSearchAttributeKey('OrderStatus', SearchAttributeType.KEYWORD);
/** The step that parked; absent while all is well. */
export const orderAttentionKey = defineSearchAttributeKey('OrderAttention', SearchAttributeType.KEYWORD);
export const customerIdKey = defineSearchAttributeKey('CustomerId', SearchAttributeType.KEYWORD);
export const orderTotalMinorKey = defineSearchAttributeKey('OrderTotalMinor', SearchAttributeType.INT);

/** All that a Temporal namespace must know before the first order: name → type, as `temporal operator` wants them. */
export const searchAttributes = [orderStatusKey, orderAttentionKey, customerIdKey, orderTotalMinorKey];
