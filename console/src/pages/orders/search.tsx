// One field for an order's id or a customer's, and the filters that need a field of their own.
import { useEffect, useState } from 'preact/hooks';
import { meaningOf, type Filters } from '../../lib/query.ts';
import { useRoute } from '../../lib/route.ts';
import { ChoiceField, TextField } from '../../ui/fields.tsx';

const statuses = ['placed', 'reserved', 'confirmed', 'shipped', 'delivered', 'rejected', 'cancelled'];
const waiting = ['review', 'customer', 'provider', 'stock', 'warehouse', 'carrier'];
const any: [string, string] = ['', 'any'];
const same = (name: string): [string, string] => [name, name];

export function Search({ filters, onChange }: { filters: Filters; onChange: (filters: Filters) => void }) {
  const { go } = useRoute();
  const [typed, setTyped] = useState(filters['customerId'] ?? '');
  const [correlation, setCorrelation] = useState(filters['correlationId'] ?? '');
  useEffect(() => {
    setTyped(filters['customerId'] ?? '');
    setCorrelation(filters['correlationId'] ?? '');
  }, [filters['customerId'], filters['correlationId']]);
  const submit = (): void => {
    const meant = meaningOf(typed);
    if (meant && 'orderId' in meant) return go(`/orders/${meant.orderId}`);
    const { customerId: _, correlationId: __, ...rest } = filters;
    onChange({ ...rest, ...meant?.filter, ...(correlation.trim() ? { correlationId: correlation.trim() } : {}) });
  };
  const set = (name: string) => (value: string) => onChange({ ...filters, [name]: value });
  return (
    <form class="filters" role="search" onSubmit={(event) => (event.preventDefault(), submit())}>
      <TextField label="Order or customer id" type="search" value={typed} onChange={setTyped} />
      <TextField label="Correlation id" type="search" value={correlation} onChange={setCorrelation} />
      <ChoiceField
        label="Status"
        value={filters['status'] ?? ''}
        choices={[any, ...statuses.map(same)]}
        onChange={set('status')}
      />
      <ChoiceField
        label="Waits for"
        value={filters['waiting'] ?? ''}
        choices={[any, ...waiting.map(same)]}
        onChange={set('waiting')}
      />
      <ChoiceField
        label="Parked"
        value={filters['attention'] ?? ''}
        choices={[any, ['true', 'parked only'], ['false', 'others only']]}
        onChange={set('attention')}
      />
      <button type="submit" class="primary">
        Search
      </button>
    </form>
  );
}
