/** Puts together what events tell between two frames: of each item and of the progress only the last word counts. */
import type { CampaignItemView, CampaignProgress } from '../../../shared/campaign/views.js';
import type { Batch } from './campaign-state.js';

/** Soon, where the page is hidden and draws no frames. */
const HIDDEN_MS = 250;

export class Batcher {
  private readonly take: (batch: Batch) => void;
  private progress: CampaignProgress | null = null;
  private items = new Map<number, CampaignItemView>();
  private isFrameAsked = false;

  constructor(take: (batch: Batch) => void) {
    this.take = take;
  }

  addProgress(progress: CampaignProgress): void {
    this.progress = progress;
    this.askForFrame();
  }

  addItems(items: readonly CampaignItemView[]): void {
    for (const item of items) this.items.set(item.index, item);
    this.askForFrame();
  }

  readonly flush = (): void => {
    const { progress, items } = this;
    this.isFrameAsked = false;
    this.progress = null;
    this.items = new Map();
    this.take({ progress, items });
  };

  private askForFrame(): void {
    if (this.isFrameAsked) return;
    this.isFrameAsked = true;
    if (document.hidden) setTimeout(this.flush, HIDDEN_MS);
    else requestAnimationFrame(this.flush);
  }
}
