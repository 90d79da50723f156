/** A payload of Temporal as its JSON form has it: values of `metadata`, and `data`, are base64. */
export type JsonPayload = { metadata?: Record<string, string>; data?: string };

/** Reads for people what Temporal keeps encrypted, and writes what they send it by its Web UI or command line. */
export type PayloadDesk = {
  encode: (payloads: readonly JsonPayload[]) => Promise<JsonPayload[]>;
  /** Null where one can not be read: its key is not known, or a byte is not as it was written. */
  decode: (payloads: readonly JsonPayload[]) => Promise<JsonPayload[] | null>;
};
