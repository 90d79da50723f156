// The key, for as long as the tab is open: never in a URL, never on disk.
const NAME = 'durable-orders.key';

export const readKey = (): string | null => sessionStorage.getItem(NAME);
export const keepKey = (key: string): void => sessionStorage.setItem(NAME, key);
export const forgetKey = (): void => sessionStorage.removeItem(NAME);
