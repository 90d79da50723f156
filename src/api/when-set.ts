/** What is only there where its setting is. */
export function whenSet<T>(setting: string | undefined, make: (value: string) => T): T | null {
  return setting === undefined ? null : make(setting);
}
