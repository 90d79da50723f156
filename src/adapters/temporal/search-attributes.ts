// Whether the namespace knows the attributes that orders are found by. What must stay true: it is asked in a way that Temporal Cloud
// answers as well (its operator service is not open to everybody), and a missing one is named with what makes it.
import { isGrpcServiceError, type Client } from '@temporalio/client';
import { searchAttributes } from '../../contracts/search-attributes.ts';

const DEADLINE_MS = 1_500;
const INVALID_ARGUMENT = 3;

/** A probe: rejects with the names of those that the namespace lacks. Without one, every workflow task of an order fails. */
export function createSearchAttributeCheck({ client }: { client: Client }): () => Promise<void> {
  const { namespace } = client.options;
  // None is ever taken away while it is in use.
  let isKnown = false;

  async function lacks({ name, type }: (typeof searchAttributes)[number]): Promise<boolean> {
    const query = type === 'INT' ? `${name} = 0` : `${name} = 'none'`;
    try {
      await client.workflowService.countWorkflowExecutions({ namespace, query });
      return false;
    } catch (error) {
      if (isGrpcServiceError(error) && (error.code as number) === INVALID_ARGUMENT) return true;
      throw error;
    }
  }

  return async () => {
    if (isKnown) return;
    const found = await client.connection.withDeadline(Date.now() + DEADLINE_MS, () =>
      Promise.all(searchAttributes.map(async (one) => ((await lacks(one)) ? [one] : []))),
    );
    const missing = found.flat();
    if (missing.length > 0)
      throw new Error(
        `The namespace ${namespace} lacks search attributes: ${missing.map(({ name }) => name).join(', ')}. Make them: temporal operator search-attribute create ${missing.map(({ name, type }) => `--name ${name} --type ${type === 'INT' ? 'Int' : 'Keyword'}`).join(' ')}`,
      );
    isKnown = true;
  };
}
