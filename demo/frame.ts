import { styleText } from 'node:util';
import type { FeedProgress } from './progress.ts';

export type Mood = 'good' | 'waiting' | 'bad';

const colours = { good: 'green', waiting: 'yellow', bad: 'red' } as const;
const heads = ['fetched', 'published', 'confirmed', 'completed'] as const;
const nameWidth = 12;
const countWidth = 11;
const margin = 2;

/** What a frame takes at least, without bars. */
export const tableWidth = margin + nameWidth + heads.length * countWidth;

export interface FrameOptions {
  readonly batches: number;
  readonly mood: Mood;
  /** Columns to fill; bars are drawn where there is room for them. */
  readonly columns: number;
}

export function coloured(text: string, mood: Mood): string {
  return styleText(colours[mood], text);
}

function bar(done: number, width: number, mood: Mood): string {
  const filled = Math.floor(Math.min(1, done) * width);
  const rest = styleText('dim', '░'.repeat(width - filled));
  return coloured('█'.repeat(filled), mood) + rest;
}

/** One line for each feed, below a heading. Counts are batches. */
export function frame(feeds: readonly FeedProgress[], { batches, mood, columns }: FrameOptions): readonly string[] {
  const barWidth = Math.min(40, columns - 1 - tableWidth);
  const withBar = barWidth >= 10;
  const gap = withBar ? ' '.repeat(barWidth) : '';
  const indent = ' '.repeat(margin);
  const heading = heads.map((head) => head.padStart(countWidth)).join('');
  return [
    `${indent}${'batches'.padEnd(nameWidth)}${gap}${heading}`,
    ...feeds.map((progress) => {
      const counts = heads.map((head) => String(progress[head]).padStart(countWidth)).join('');
      const drawn = withBar ? bar(progress.completed / batches, barWidth, mood) : '';
      return `${indent}${progress.feed.padEnd(nameWidth)}${drawn}${counts}`;
    }),
  ];
}
