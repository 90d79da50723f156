// Customers: who a payment method that is to be used again belongs to. Nothing is kept of them but metadata.
import { invalid, missing } from './errors.ts';
import { newId, nowSeconds } from './ids.ts';
import { expectOnly, metadataOf, textOf, type Parameters } from './parameters.ts';
import type { Customer, State } from './state.ts';

/** A new one; a name or an address is refused: nothing of ours may send one. */
export function createCustomer(parameters: Parameters): Customer {
  expectOnly(parameters, ['description', 'metadata']);
  return {
    id: newId('cus'),
    object: 'customer',
    created: nowSeconds(),
    description: textOf(parameters, 'description') ?? null,
    email: null,
    livemode: false,
    metadata: metadataOf(parameters),
    name: null,
  };
}

export function findCustomer(state: State, id: string): Customer {
  const customer = state.customers.get(id);
  if (!customer) throw missing('customer', id, 'id');
  return customer;
}

/** The customer that the request names, who must be there; null when it names none. */
export function customerOf(state: State, parameters: Parameters): string | null {
  const id = textOf(parameters, 'customer');
  if (id === undefined) return null;
  if (state.customers.has(id)) return id;
  throw invalid(`No such customer: '${id}'`, 'resource_missing', 'customer');
}
