// Loaded by the SDK by its path. Messages and stacks of failures may quote anything: with it they become a payload, which the codec
// encrypts as every other. What an activity's failure is called stays readable: workflows and people go by it.
import { DefaultFailureConverter } from '@temporalio/common';

export const failureConverter = new DefaultFailureConverter({ encodeCommonAttributes: true });
