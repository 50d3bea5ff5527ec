// One run from its start to its summary, shown by a presenter; main.ts and picture.ts make one each. Ends by itself, by
// `quit`, or because a process died, and whichever it is: `destroy` leaves nothing behind.
import { Company } from './company.ts'
import type { Presenter } from './presenters.ts'
import type { ArenaActor } from './protocol.ts'
import { after, every } from './time.ts'
import { Viewer } from './view.ts'

interface ShowSetup {
  readonly robots: number
  /** Undefined: until `quit`. */
  readonly seconds: number | undefined
  /** Crashes actors by itself. */
  readonly isSelfCrashing: boolean
}

const viewEveryMs = 250

/** Who is crashed in turn, and when in a run that nobody watches, as a share of its time: each can come back. */
const crashPlan: readonly { readonly at: number; readonly actor: ArenaActor }[] = [
  { at: 0.25, actor: 'world' },
  { at: 0.6, actor: 'match' },
]

export class Show {
  readonly #setup: ShowSetup
  readonly #company: Company
  readonly #viewer = new Viewer()
  #presenter: Presenter | undefined
  readonly #stops: (() => void)[] = []
  #crashes = 0
  /** All have started, and nobody has quit. */
  #isRunning = false
  #quit: () => void = () => {}
  readonly #isOver: Promise<void>

  constructor(setup: ShowSetup) {
    this.#setup = setup
    this.#isOver = new Promise((resolve) => {
      this.#quit = resolve
    })
    this.#company = new Company({
      robots: setup.robots,
      onEvent: (event) => this.#presenter?.onEvent(event, this.#company.elapsedMs),
      onReport: (role, report) => this.#viewer.onReport(role, report),
    })
  }

  /** Runs to the end. @returns the exit code: 0 only if nothing was lost. */
  async run(presenter: Presenter): Promise<number> {
    this.#presenter = presenter
    try {
      return await Promise.race([this.#run(presenter), this.#company.failed])
    } catch (error) {
      presenter.close()
      process.stderr.write(`the demo failed: ${error instanceof Error ? error.message : String(error)}\n`)
      return 1
    } finally {
      this.destroy()
    }
  }

  /** Crashes the world, then the match, then the world ... */
  crashNext(): void {
    const next = crashPlan[this.#crashes % crashPlan.length]
    if (!this.#isRunning || next === undefined) return
    this.#crashes++
    this.#company.crash(next.actor)
  }

  /** Drains, then ends. */
  quit(): void {
    this.#isRunning = false
    this.#quit()
  }

  /** Ends at once and leaves nothing behind. May be called twice. */
  destroy(): void {
    this.#stop()
    this.#company.destroy()
    this.#presenter?.close()
  }

  async #run(presenter: Presenter): Promise<number> {
    const show = (): void => presenter.onView(this.#viewer.view(this.#company.elapsedMs))
    this.#stops.push(every(viewEveryMs, show))
    await this.#company.start()
    this.#isRunning = true
    this.#direct()
    await this.#isOver
    const summary = await this.#company.drain()
    this.#stop()
    presenter.onSummary(summary)
    return summary.isOk ? 0 : 1
  }

  /** What happens by itself: crashes, and the end. */
  #direct(): void {
    const { seconds, isSelfCrashing } = this.#setup
    if (seconds === undefined) return
    this.#stops.push(after(seconds * 1_000, () => this.quit()))
    if (!isSelfCrashing) return
    for (const { at } of crashPlan) this.#stops.push(after(at * seconds * 1_000, () => this.crashNext()))
  }

  #stop(): void {
    for (const stop of this.#stops.splice(0)) stop()
  }
}
