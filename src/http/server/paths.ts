import type { Verification } from '../../core/verification.ts';
import type { OpenHook } from './open-hook.ts';

/** How long a path that is gone is answered 503 instead of 404: a reload closes it for a moment only. */
export const retiredMs = 10_000;

/** What is known of the path of a request. `retired`: it was there a moment ago. */
export type Found = OpenHook | 'retired' | undefined;

/** The paths of the listener. */
export interface Paths {
  readonly size: number;
  /** Gives whether it was free. */
  add(hook: OpenHook): boolean;
  remove(hook: OpenHook): void;
  /** By the path of a request, without its query. */
  find(path: string): Found;
  clear(): void;
}

function hasSecretPath(verification: Verification): boolean {
  if (verification.kind === 'all') return verification.of.some(hasSecretPath);
  return verification.kind === 'path';
}

/** `onEmpty` is told when the last path has been forgotten. */
export function createPaths(onEmpty: () => void): Paths {
  const hooks = new Map<string, OpenHook>();
  const retired = new Map<string, NodeJS.Timeout>();

  function forget(path: string) {
    clearTimeout(retired.get(path));
    retired.delete(path);
  }

  return {
    get size() {
      return hooks.size + retired.size;
    },
    add(hook) {
      const { path } = hook.arrival;
      if (hooks.has(path)) return false;
      forget(path);
      hooks.set(path, hook);
      return true;
    },
    remove(hook) {
      const { path } = hook.arrival;
      if (hooks.get(path) !== hook) return;
      hooks.delete(path);
      const timer = setTimeout(() => {
        forget(path);
        if (hooks.size + retired.size === 0) onEmpty();
      }, retiredMs);
      retired.set(path, timer.unref());
    },
    find(path) {
      const exact = hooks.get(path);
      if (exact !== undefined) return exact;
      if (retired.has(path)) return 'retired';
      const parent = path.slice(0, path.lastIndexOf('/'));
      const above = hooks.get(parent);
      if (above !== undefined && hasSecretPath(above.arrival.verification)) return above;
      return retired.has(parent) ? 'retired' : undefined;
    },
    clear() {
      hooks.clear();
      for (const path of [...retired.keys()]) forget(path);
    },
  };
}
