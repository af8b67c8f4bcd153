// Where a listing comes from: its first page, which is asked for until it is
// there, and the changes since it was asked for.
import { mayPass } from '../api/client';
import type { WatchCallsResponse } from '../api/types';
import type { Listing } from './merge';

const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 30_000;
// Changes that wait for the first page, or for who takes them. Of more the
// first page is asked for once more, which has them all.
export const GATHERED = 5000;

export interface FeedHooks {
  ask: () => Promise<Listing>;
  // `anew`: it takes the place of all that is shown, instead of being joined.
  onPage: (page: Listing, anew: boolean) => void;
  onError: (error: unknown) => void;
  // The first page was answered, in whichever way.
  onAnswer: () => void;
  // Returns what calls it off. For tests.
  later?: (act: () => void, millis: number) => () => void;
}

const byClock = (act: () => void, millis: number) => {
  const timer = setTimeout(act, millis);
  return () => clearTimeout(timer);
};

export class Feed {
  private gathered: WatchCallsResponse[] = [];
  private loaded = false;
  private asking = false;
  // The answer under way may not know of all that is to be shown.
  private again = false;
  private wait = FIRST_WAIT_MS;
  private callOff: (() => void) | null = null;
  private stopped = false;

  constructor(private readonly hooks: FeedHooks) {}

  // Asks for the first page; one question at a time.
  first(): void {
    this.again = this.asking;
    if (this.asking || this.stopped) return;
    this.callOff?.();
    this.callOff = null;
    this.asking = true;
    this.hooks.ask().then((page) => this.onPage(page), (error: unknown) => this.onError(error));
  }

  // As first(), but what is shown goes when the answer is there.
  anew(): void {
    this.loaded = false;
    this.first();
  }

  // Without a first page to come, changes tell nothing that it will not have.
  add(change: WatchCallsResponse): void {
    if (!this.loaded && !this.asking) return;
    this.gathered.push(change);
    if (this.gathered.length <= GATHERED) return;
    this.gathered = [];
    this.anew();
  }

  // What came since; nothing as long as there is nothing to put it into.
  take(): WatchCallsResponse[] {
    return this.loaded ? this.gathered.splice(0) : [];
  }

  stop(): void {
    this.stopped = true;
    this.callOff?.();
    this.gathered = [];
  }

  private onPage(page: Listing): void {
    if (this.stopped) return;
    this.wait = FIRST_WAIT_MS;
    this.hooks.onPage(page, !this.loaded);
    this.loaded = true;
    this.done();
  }

  private onError(error: unknown): void {
    if (this.stopped) return;
    if (!this.loaded) this.gathered = [];
    this.hooks.onError(error);
    if (!mayPass(error)) this.again = false;
    else if (!this.again) this.callOff = (this.hooks.later ?? byClock)(() => this.first(), this.nextWait());
    this.done();
  }

  private nextWait(): number {
    const wait = this.wait;
    this.wait = Math.min(2 * wait, LONGEST_WAIT_MS);
    return wait;
  }

  private done(): void {
    this.asking = false;
    this.hooks.onAnswer();
    if (this.again) this.first();
  }
}
