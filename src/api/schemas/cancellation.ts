import { z } from './fields.ts';
import { reason } from './resolution.ts';

export const cancellationBody = z
  .strictObject({ reason: reason.openapi({ example: 'the customer changed their mind' }) })
  .openapi('CancelOrder');
