import { describe, expect, it } from 'vitest'
import { initialTransition, type SnapshotFrom, transition } from 'xstate'
import { type ConnEvent, connMachine } from '../src/conn-machine.ts'

type EventType = ConnEvent['type']
type Snapshot = SnapshotFrom<typeof connMachine>

const events: readonly ConnEvent[] = [
  { type: 'socket.opened' },
  { type: 'socket.ended' },
  { type: 'socket.closed', reason: 'link_failed' },
  { type: 'challenged' },
  { type: 'proved' },
  { type: 'registered' },
  { type: 'drained' },
  { type: 'flushed' },
  { type: 'deadline' },
  { type: 'violated', reason: 'bad_frame' },
  { type: 'bye.received', reason: 'shutdown' },
  { type: 'close.requested', reason: 'normal' },
  { type: 'destroy.requested', reason: 'kicked' },
]

const eventOf = (type: EventType): ConnEvent => {
  const event = events.find((each) => each.type === type)
  if (event === undefined) throw new Error(`no event ${type}`)
  return event
}

/** Which events lead to each state. */
const ways = {
  connecting: [],
  greeting: ['socket.opened'],
  proving: ['socket.opened', 'challenged'],
  judging: ['socket.opened', 'challenged', 'proved'],
  open: ['socket.opened', 'registered'],
  finishing: ['socket.opened', 'registered', 'close.requested'],
  flushing: ['socket.opened', 'registered', 'close.requested', 'drained'],
  ending: ['socket.opened', 'registered', 'bye.received'],
  closed: ['socket.opened', 'socket.ended'],
} as const satisfies Record<string, readonly EventType[]>
type StateName = keyof typeof ways
const stateNames = Object.keys(ways) as StateName[] // Object.keys forgets that the keys are the names.

const gone = { 'socket.closed': 'closed', 'destroy.requested': 'closed' } as const
const registering = {
  ...gone,
  registered: 'open',
  violated: 'flushing',
  'close.requested': 'flushing',
  'bye.received': 'ending',
  'socket.ended': 'closed',
  deadline: 'flushing',
} as const

/** Where each event leads; what is not listed is illegal and changes nothing. */
const table: Record<StateName, Partial<Record<EventType, StateName>>> = {
  connecting: {
    ...gone,
    'socket.opened': 'greeting',
    violated: 'closed',
    'close.requested': 'closed',
    deadline: 'closed',
  },
  greeting: { ...registering, challenged: 'proving' },
  proving: { ...registering, proved: 'judging' },
  judging: registering,
  open: {
    ...gone,
    violated: 'flushing',
    'close.requested': 'finishing',
    'bye.received': 'ending',
    'socket.ended': 'closed',
    deadline: 'flushing',
  },
  finishing: {
    ...gone,
    violated: 'flushing',
    drained: 'flushing',
    deadline: 'flushing',
    'bye.received': 'ending',
    'socket.ended': 'closed',
  },
  flushing: {
    ...gone,
    flushed: 'ending',
    'bye.received': 'ending',
    deadline: 'closed',
    'socket.ended': 'closed',
  },
  ending: { ...gone, deadline: 'closed', 'socket.ended': 'closed' },
  closed: {},
}

interface Step {
  readonly snapshot: Snapshot
  readonly actions: readonly { readonly type: string; readonly params: unknown }[]
}

const start = (): Step => {
  const [snapshot, actions] = initialTransition(connMachine)
  return { snapshot, actions }
}

function after(from: Step, ...types: readonly EventType[]): Step {
  let { snapshot } = from
  const all = [...from.actions]
  for (const type of types) {
    const [next, actions] = transition(connMachine, snapshot, eventOf(type))
    snapshot = next
    all.push(...actions)
  }
  return { snapshot, actions: all }
}

const at = (name: StateName): Step => after(start(), ...ways[name])

function nameOf({ snapshot }: Step): string {
  const { value } = snapshot
  return typeof value === 'string' ? value : String(Object.values(value)[0])
}

const typesOf = (step: Step, from?: Step): string[] =>
  step.actions.slice(from?.actions.length ?? 0).map((action) => action.type)

const deadlineOf = (step: Step): unknown =>
  step.actions.findLast((action) => action.type === 'setDeadline')?.params

describe('the connection machine', () => {
  it.each(stateNames)('is brought to %s by its way', (name) => {
    expect(nameOf(at(name))).toBe(name)
  })

  const cells = stateNames
    .filter((name) => name !== 'closed')
    .flatMap((name) => events.map(({ type }) => ({ name, type, to: table[name][type] })))

  it.each(cells.filter(({ to }) => to !== undefined))('goes from $name on $type to $to', (cell) => {
    const next = after(at(cell.name), cell.type)

    expect(nameOf(next)).toBe(cell.to)
  })

  it.each(cells.filter(({ to }) => to === undefined))('does nothing in $name on $type', (cell) => {
    const before = at(cell.name)

    const next = after(before, cell.type)

    expect(next.snapshot.value).toEqual(before.snapshot.value)
    expect(next.snapshot.context).toEqual(before.snapshot.context)
    expect(typesOf(next, before)).toEqual([])
  })

  it('is done when it is closed, so that nothing is heard after that', () => {
    const statuses = stateNames.map((name) => [name, at(name).snapshot.status])

    expect(statuses.filter(([, status]) => status === 'done')).toEqual([['closed', 'done']])
  })

  it.each(stateNames.filter((name) => name !== 'open' && name !== 'closed'))(
    'waits in %s for a time only',
    (name) => {
      expect(deadlineOf(at(name))).not.toEqual({ name: 'none' })
      expect(table[name].deadline).toBeDefined()
    },
  )

  it.each(stateNames)('comes from %s to its end by deadlines alone', (name) => {
    let step = at(name)

    for (let times = 0; times < 3 && nameOf(step) !== 'closed'; times++) step = after(step, 'deadline')

    expect(nameOf(step)).toBe('closed')
  })
})

describe('the reason for which a conn ends', () => {
  it.each([
    ['connecting', 'connect_timeout'],
    ['greeting', 'register_timeout'],
    ['proving', 'register_timeout'],
    ['judging', 'register_timeout'],
    ['open', 'silent'],
  ] as const)('is, after the deadline of %s, %s', (name, reason) => {
    expect(after(at(name), 'deadline').snapshot.context.reason).toBe(reason)
  })

  it.each(['greeting', 'proving', 'judging', 'open'] as const)(
    'is peer_ended when the peer leaves in %s',
    (name) => {
      expect(after(at(name), 'socket.ended').snapshot.context.reason).toBe('peer_ended')
    },
  )

  it.each(['finishing', 'flushing', 'ending'] as const)(
    'stays the first one in %s, whatever follows',
    (name) => {
      const before = at(name)

      const reasons = events.map(({ type }) => after(before, type).snapshot.context.reason)

      expect(new Set(reasons)).toEqual(new Set([name === 'ending' ? 'shutdown' : 'normal']))
    },
  )
})

describe('the commands of the machine', () => {
  it('say goodbye behind what waits when a drain is done, and ahead of it after a violation', () => {
    const finishing = at('finishing')
    const open = at('open')

    expect(typesOf(after(finishing, 'drained'), finishing)).toEqual(['sendBye', 'setDeadline'])
    expect(typesOf(after(open, 'violated'), open)).toEqual([
      'dropUnsent',
      'sendBye',
      'enterPhase',
      'setDeadline',
    ])
  })

  it('open the gate once, when the conn is registered', () => {
    expect(typesOf(at('finishing')).filter((type) => type === 'openGate')).toHaveLength(1)
    expect(typesOf(at('judging'))).not.toContain('openGate')
  })

  it('end the link when all is flushed or the peer said goodbye, and once only', () => {
    const flushed = after(at('flushing'), 'flushed')
    const again = after(flushed, 'bye.received', 'bye.received')

    expect(typesOf(again).filter((type) => type === 'endLink')).toHaveLength(1)
    expect(typesOf(at('ending')).filter((type) => type === 'endLink')).toHaveLength(1)
  })

  it.each(stateNames)('finish once on the way from %s to closed', (name) => {
    const step = after(at(name), ...(name === 'closed' ? [] : (['destroy.requested'] as const)))

    expect(typesOf(step).filter((type) => type === 'finish')).toHaveLength(1)
  })
})
