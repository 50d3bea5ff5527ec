// A write queue over a fake link and a simulated clock, with what it reports.
import type { LinkClass } from '@p2pnet/wire'
import { SimClock } from '../../../test/support/sim-clock.ts'
import { defaultNodeOptions } from '../src/options.ts'
import { WriteQueue } from '../src/write-queue.ts'
import { FakeLink } from './fake-link.ts'

export interface QueueBenchOptions {
  readonly linkClass?: LinkClass
  readonly writeQueueBytesMax?: number
  readonly clock?: SimClock
}

export class QueueBench {
  readonly link = new FakeLink()
  readonly clock: SimClock
  readonly queue: WriteQueue
  written = 0
  empties = 0
  onWrite: () => void = () => {}

  constructor(given: QueueBenchOptions = {}) {
    const { frameBytesMax, writeQueueBytesMax } = { ...defaultNodeOptions, ...given }
    this.clock = given.clock ?? new SimClock()
    this.queue = new WriteQueue({
      link: this.link,
      clock: this.clock,
      options: { frameBytesMax, writeQueueBytesMax },
      linkClass: given.linkClass ?? 'node',
      onWrite: (bytes) => {
        this.written += bytes
        this.onWrite()
      },
      onEmpty: () => this.empties++,
    })
  }

  /** The link takes what it was lent, and from now on all that follows at once. */
  drain(): void {
    this.link.isBusy = false
    this.drainOnce()
    this.clock.settle()
  }

  /** The link takes what it was lent. */
  drainOnce(): void {
    if (!this.link.isLent) return
    this.link.takeLent()
    this.queue.onDrain()
  }
}
