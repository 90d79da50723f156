// Work that takes a while and has no stream: it is looked at again as long as it runs.
import { useEffect } from 'preact/hooks';

const LOOK_MS = 1_500;

export function useWhile(isRunning: boolean, look: () => void): void {
  useEffect(() => {
    if (!isRunning) return;
    const timer = setInterval(() => void (document.visibilityState === 'visible' && look()), LOOK_MS);
    return () => clearInterval(timer);
  }, [isRunning, look]);
}
