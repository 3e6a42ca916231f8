/** When an idle feed is asked again. `jitter` is a fraction of `everyMs` either way. Cron runs in its time zone. */
export type Schedule =
  | { readonly kind: 'every'; readonly everyMs: number; readonly jitter: number }
  | { readonly kind: 'cron'; readonly cron: string; readonly timezone: string };
