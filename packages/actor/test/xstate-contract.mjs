// What xstate-internals.ts takes for granted of xstate's inside, one fact per function. Plain JavaScript, so that the
// test runs it in vitest, which loads xstate's development build, and in a bare Node process, which loads the other.
import assert from 'node:assert/strict'
import { createActor, createMachine, fromCallback, fromObservable, fromPromise, fromTransition } from 'xstate'

const boom = () => {
  throw new Error('boom')
}

/** A root that holds its children elsewhere, as a supervisor does, and the scope that it is given. */
function makeRoot(options = {}) {
  let scope
  const running = { status: 'active', output: undefined, error: undefined }
  const logic = {
    getInitialSnapshot: (made) => {
      scope = made
      return running
    },
    transition: (snapshot) => snapshot,
    getPersistedSnapshot: (snapshot) => snapshot,
  }
  const root = createActor(logic, options)
  return { root, scope }
}

/** What the system of a root announces, as `pick` sees it at that time. */
function announcements(root, pick = (event) => event) {
  const events = []
  const announce = root.system._sendInspectionEvent
  root.system._sendInspectionEvent = (event) => {
    const picked = pick(event)
    if (picked !== undefined) events.push(picked)
    announce(event)
  }
  return events
}

/** A child that disposes of something when it is stopped. */
function holder() {
  const counts = { disposed: 0 }
  const logic = fromCallback(({ receive }) => {
    receive((event) => event.type === 'crash' && boom())
    return () => {
      counts.disposed++
    }
  })
  return { counts, logic }
}

const ignoring = (actor) => {
  actor.subscribe({ error: () => {} })
  return actor
}

export const contracts = {
  'an actor knows its parent as _parent, and a root has none': () => {
    const { root } = makeRoot()
    const actor = createActor(createMachine({ invoke: { id: 'child', src: createMachine({}) } }), {
      parent: root,
    })
    actor.start()
    assert.equal(actor._parent, root)
    assert.equal(actor.getSnapshot().children.child._parent, actor)
    assert.equal(root._parent, undefined)
  },
  'a parent that holds no child stops one through its scope': () => {
    const { root, scope } = makeRoot()
    const { counts, logic } = holder()
    const actor = createActor(logic, { parent: root }).start()
    scope.stopChild(actor)
    assert.equal(counts.disposed, 1)
  },
  'every actor is announced before its first action, though nobody inspects': () => {
    const { root } = makeRoot()
    const events = announcements(root)
    let announcedAtFirstAction
    const child = createMachine({
      entry: ({ self }) => {
        announcedAtFirstAction = events.some(
          (event) => event.type === '@xstate.actor' && event.actorRef === self,
        )
      },
    })
    createActor(createMachine({ invoke: { src: child } }), { parent: root }).start()
    assert.equal(events.filter((event) => event.type === '@xstate.actor').length, 2)
    assert.equal(announcedAtFirstAction, true)
  },
  'every action runs through the _actorScope.actionExecutor of the moment, with what it returns': () => {
    const { root } = makeRoot()
    const actor = createActor(
      createMachine({
        on: {
          go: {
            actions: function named() {
              return 'returned'
            },
          },
        },
      }),
      { parent: root },
    )
    actor.start()
    const seen = []
    actor._actorScope.actionExecutor = (action) =>
      seen.push([action.type, action.exec(action.info, action.params)])
    actor.send({ type: 'go' })
    assert.deepEqual(seen, [['named', 'returned']])
  },
  'built-in actions have types of xstate’s own': async () => {
    const { raise, log, sendTo, emit, cancel, spawnChild } = await import('xstate')
    const { root } = makeRoot()
    const actions = [
      raise({ type: 'x' }),
      log('x'),
      sendTo(({ self }) => self, { type: 'x' }),
      emit({ type: 'x' }),
      cancel('x'),
      spawnChild(createMachine({})),
    ]
    const actor = createActor(createMachine({ on: { go: { actions } } }), {
      parent: root,
      logger: () => {},
    }).start()
    const types = []
    const execute = actor._actorScope.actionExecutor
    actor._actorScope.actionExecutor = (action) => {
      types.push(action.type)
      execute(action)
    }
    actor.send({ type: 'go' })
    assert.equal(types.length, actions.length)
    assert.ok(
      types.every((type) => type.startsWith('xstate.')),
      types.join(),
    )
  },
  'a crash is announced as an event of its actor, which is in error by then, handled or not': () => {
    for (const onError of [undefined, { actions: () => {} }]) {
      const { root } = makeRoot()
      const child = createMachine({ on: { crash: { actions: boom } } })
      const logic = createMachine({ invoke: { id: 'child', src: child, ...(onError && { onError }) } })
      const actor = ignoring(createActor(logic, { id: 'parent', parent: root }))
      actor.start()
      const crashes = announcements(root, ({ type, sourceRef: source, event }) =>
        type === '@xstate.event' && source?.getSnapshot().status === 'error'
          ? [source.id, event.type]
          : undefined,
      )
      actor.getSnapshot().children.child.send({ type: 'crash' })
      const ofParent = onError === undefined ? [['parent', 'xstate.error.actor.parent']] : []
      assert.deepEqual(crashes, [['child', 'xstate.error.actor.child'], ...ofParent])
    }
  },
  'the children of a crashed actor live on until _stop, which runs their disposers': () => {
    const { root } = makeRoot()
    const { counts, logic } = holder()
    const actor = ignoring(
      createActor(createMachine({ invoke: { id: 'child', src: logic }, on: { crash: { actions: boom } } }), {
        parent: root,
      }),
    )
    actor.start()
    actor.send({ type: 'crash' })
    const orphan = actor.getSnapshot().children.child
    assert.deepEqual(
      [actor.getSnapshot().status, orphan.getSnapshot().status, counts.disposed],
      ['error', 'active', 0],
    )
    orphan._stop()
    orphan._stop()
    assert.deepEqual([orphan.getSnapshot().status, counts.disposed], ['stopped', 1])
  },
  'a callback that crashed is disposed of by its logic’s own transition': () => {
    const { root } = makeRoot()
    const { counts, logic } = holder()
    const actor = ignoring(createActor(logic, { parent: root }))
    actor.start()
    actor.send({ type: 'crash' })
    assert.deepEqual([actor.getSnapshot().status, counts.disposed], ['error', 0])
    actor.logic.transition(actor.getSnapshot(), { type: 'xstate.stop' }, actor._actorScope)
    assert.equal(counts.disposed, 1)
  },
  'logics that hold something have a start and no children, reducers have no start': () => {
    const observable = fromObservable(() => ({ subscribe: () => ({ unsubscribe: () => {} }) }))
    for (const logic of [fromCallback(() => {}), fromPromise(() => new Promise(() => {})), observable]) {
      assert.notEqual(logic.start, undefined)
      assert.equal(createActor(logic).getSnapshot().children, undefined)
    }
    assert.equal(fromTransition((state) => state, 0).start, undefined)
    assert.notEqual(createActor(createMachine({})).getSnapshot().children, undefined)
  },
  'a systemId is free again after _unregister, started or not': () => {
    const { root } = makeRoot()
    const taken = createActor(createMachine({}), { parent: root, systemId: 'name' })
    assert.equal(root.system.getAll().name, taken)
    assert.throws(() => createActor(createMachine({}), { parent: root, systemId: 'name' }), /already exists/)
    root.system._unregister(taken)
    assert.equal(root.system.get('name'), undefined)
    createActor(createMachine({}), { parent: root, systemId: 'name' })
  },
  'all timers go through the scheduler of the moment, by actor and id': () => {
    const { root } = makeRoot()
    const calls = []
    root.system.scheduler = {
      schedule: (source, target, event, delay, id) =>
        calls.push(['schedule', source.id, target.id, event.type, delay, typeof id]),
      cancel: (source, id) => calls.push(['cancel', source.id, typeof id]),
      cancelAll: (source) => calls.push(['cancelAll', source.id]),
    }
    const logic = createMachine({
      initial: 'a',
      states: { a: { after: { 50: 'b' }, on: { go: 'b' } }, b: { type: 'final' } },
    })
    const actor = createActor(logic, { id: 'timed', parent: root }).start()
    actor.send({ type: 'go' })
    assert.deepEqual(
      calls.map(([call]) => call),
      ['schedule', 'cancel', 'cancelAll'],
    )
    assert.deepEqual(calls[0].slice(1, 3), ['timed', 'timed'])
    assert.deepEqual(calls[0].slice(4), [50, 'string'])
    assert.deepEqual(calls[1], ['cancel', 'timed', 'string'])
  },
  'a system has the clock it was given, and relays an event to its target': () => {
    const clock = { setTimeout: () => 1, clearTimeout: () => {} }
    const { root } = makeRoot({ clock })
    const seen = []
    const actor = createActor(createMachine({ on: { go: { actions: ({ event }) => seen.push(event) } } }), {
      parent: root,
    }).start()
    root.system._relay(actor, actor, { type: 'go' })
    assert.equal(root.system._clock, clock)
    assert.deepEqual(seen, [{ type: 'go' }])
  },
}

/** Only the development build warns of events to the dead. */
export function isDevelopmentBuild() {
  const { warn } = console
  let warned = false
  console.warn = () => {
    warned = true
  }
  createActor(createMachine({})).start().stop().send({ type: 'x' })
  console.warn = warn
  return warned
}
