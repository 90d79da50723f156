// Loaded by the SDK by its path. Messages and stacks of failures may quote anything: with it they become a payload, which the codec
// encrypts as every other. What an activity's failure is called stays readable: workflows and people go by it.
import { DefaultFailureConverter } from '@temporalio/common';

// Of what an activity failed with last Temporal keeps 4 KiB, and drops these payloads of what is longer: the order would park without a
// word of why. So much of each cause leaves room for three of them.
const MAX_MESSAGE = 500;
const MAX_STACK = 300;

class SealedFailureConverter extends DefaultFailureConverter {
  override errorToFailureInner(
    ...of: Parameters<DefaultFailureConverter['errorToFailureInner']>
  ): ReturnType<DefaultFailureConverter['errorToFailureInner']> {
    const { message, stackTrace, ...failure } = super.errorToFailureInner(...of);
    return {
      ...failure,
      message: message?.slice(0, MAX_MESSAGE) ?? null,
      stackTrace: stackTrace?.slice(0, MAX_STACK) ?? null,
    };
  }
}

export const failureConverter = new SealedFailureConverter({ encodeCommonAttributes: true });
