// A link in the hands of a test: keeps what it is given, says busy when told to, and looks after the buffers
// that it was lent.
import type { Link } from '../src/link.ts'

export class FakeLink implements Link {
  readonly remoteAddress = 'fake'
  readonly isLoopback = true
  /** Whether the next writes lend their buffer. */
  isBusy = false
  /** Copies of what was written, write by write. */
  readonly writes: Buffer[] = []
  #lent: { readonly bytes: Uint8Array; readonly copy: Buffer } | undefined

  get isLent(): boolean {
    return this.#lent !== undefined
  }

  attach(): void {}

  write(bytes: Uint8Array): boolean {
    if (this.#lent !== undefined) throw new Error('written to before the drain')
    if (bytes.length === 0) throw new Error('nothing was written')
    const copy = Buffer.from(bytes)
    this.writes.push(copy)
    if (this.isBusy) this.#lent = { bytes, copy }
    return !this.isBusy
  }

  /** The system has taken the bytes: `onDrain` may follow. Throws when somebody has changed them. */
  takeLent(): void {
    const lent = this.#lent
    this.#lent = undefined
    if (lent !== undefined && !lent.copy.equals(lent.bytes)) throw new Error('a lent buffer was reused')
  }

  end(): void {}
  destroy(): void {}
  pause(): void {}
  resume(): void {}
}
