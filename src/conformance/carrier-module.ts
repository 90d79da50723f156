// What a team tells the suite about its carrier, or its warehouse (docs/adapters.md).
import type { CarrierNews, ShipmentLine } from '../domain/shipment.ts';
import type { Carrier, Recipient } from '../ports/carrier.ts';
import type { ModuleOf } from './connection.ts';

/** The default export of a module: called once. */
export type CarrierModule = () => CarrierConformance | Promise<CarrierConformance>;

/** Whatever is left out is not tested, and is said to be so. */
export type CarrierConformance = ModuleOf<Carrier> & {
  /** An address that the sandbox takes; one of ours when left out. */
  recipient?: Recipient;
  items?: readonly ShipmentLine[];
  /** Has this happen to a parcel that was announced; what comes before it, too. */
  advance?: (request: { parcelId: string; to: CarrierNews }) => Promise<void>;
};
