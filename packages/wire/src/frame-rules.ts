// Who may send what, as data: for each phase of a conn and each side of each class of link, what happens to a
// frame of each kind. What is not listed closes the conn. docs/wire.md shows the same table.
import { Kind, KindBit, type KindName, type LinkClass } from './constants.ts'

/** How far a conn is, as the wire sees it. */
export type Phase = 'connecting' | 'greeting' | 'proving' | 'judging' | 'open' | 'draining' | 'closed'

export type Role = 'listener' | 'dialer'

/** Taken, read and counted but not delivered, or a violation. */
export type Verdict = 'accept' | 'discard' | 'refuse'

const dataKinds = ['tell', 'ask', 'reply', 'fail', 'cancel'] as const
const nodeKinds = [
  'ping',
  'pong',
  'announce',
  'withdraw',
  'refuse',
  'drain',
  'drained',
  'bye',
  ...dataKinds,
] as const
const clientKinds = ['ping', 'pong', 'drained', 'bye', ...dataKinds] as const

const acceptedWhenRegistering = {
  listener: { greeting: ['hello'], proving: ['prove'] },
  dialer: { greeting: ['challenge', 'rejected'], proving: ['registered', 'rejected'] },
} as const satisfies Record<Role, Record<'greeting' | 'proving', readonly KindName[]>>

/** What each side of an open conn accepts. A client is told to drain; it cannot tell its gateway to. */
const acceptedWhenOpen = {
  node: { listener: nodeKinds, dialer: nodeKinds },
  client: { listener: clientKinds, dialer: [...clientKinds, 'drain'] },
} as const satisfies Record<LinkClass, Record<Role, readonly KindName[]>>

/** `drain` is answered too, because both sides may begin at once; and so is `ping`, or a long drain looks dead. */
const acceptedWhenDraining: readonly KindName[] = ['ping', 'pong', 'drain', 'drained', 'bye', 'reply', 'fail']

/** Verdicts by kind; a conn keeps the one of its phase and looks each frame up in it. */
export type FrameRules = readonly Verdict[]

export interface ConnSide {
  readonly phase: Phase
  readonly role: Role
  readonly linkClass: LinkClass
}

const known = new Map<string, FrameRules>()

/** The verdicts for all 256 kinds on one side of a conn in one phase; one table for all such conns. */
export function frameRules(side: ConnSide): FrameRules {
  const key = `${side.phase} ${side.role} ${side.linkClass}`
  const rules = known.get(key) ?? makeRules(side)
  known.set(key, rules)
  return rules
}

function makeRules(side: ConnSide): FrameRules {
  const accepted = new Set<number>(namesAccepted(side).map((name) => Kind[name]))
  const discarded = new Set<number>(namesDiscarded(side).map((name) => Kind[name]))
  return Array.from({ length: 256 }, (_, kind) => {
    if (accepted.has(kind)) return 'accept'
    if (discarded.has(kind)) return 'discard'
    return isOpen(side.phase) && (kind & KindBit.ignorable) !== 0 ? 'discard' : 'refuse'
  })
}

function namesAccepted({ phase, role, linkClass }: ConnSide): readonly KindName[] {
  switch (phase) {
    case 'connecting':
    case 'judging':
    case 'closed':
      return []
    case 'greeting':
    case 'proving':
      return acceptedWhenRegistering[role][phase]
    case 'open':
      return acceptedWhenOpen[linkClass][role]
    case 'draining': {
      const legal: readonly KindName[] = acceptedWhenOpen[linkClass][role]
      return acceptedWhenDraining.filter((name) => legal.includes(name))
    }
  }
}

/** While draining, what would be legal in an open conn is still read, but no longer delivered. */
function namesDiscarded(side: ConnSide): readonly KindName[] {
  return side.phase === 'draining' ? acceptedWhenOpen[side.linkClass][side.role] : []
}

const isOpen = (phase: Phase): boolean => phase === 'open' || phase === 'draining'
