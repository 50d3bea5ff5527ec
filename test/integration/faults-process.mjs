// Lets everything of a user's throw and reject that can, counts what nobody caught, and asks whether the node still
// answers.
import { createP2pNet, fromHandler } from 'p2pnet'
import { fromCallback, fromPromise, setup } from 'xstate'

const uncaught = []
process.on('uncaughtException', (error) => uncaught.push(`exception ${error?.message}`))
process.on('unhandledRejection', (error) => uncaught.push(`rejection ${error?.message}`))

const fail = () => {
  throw new Error('on purpose')
}
const reject = async () => fail()
const faults = [fail, reject]

let logged = 0
const logger = { debug() {}, info() {}, warn() {}, error: () => logged++, child: () => logger }

const namesOf = {
  listener: ['onP2pConn', 'onP2pCall', 'onP2pClose', 'onP2pError'],
  connListener: ['onConnOpen', 'onConnClose', 'onConnError', 'onConnRead', 'onConnWrite'],
}
const every = (names, fault) => Object.fromEntries(names.map((name) => [name, fault]))

/** Actors whose every part fails in one way or the other, and what makes them do it. */
function spawnFaulty(net, fault) {
  const options = { intensity: { restarts: 2 }, backoff: { minMs: 1, maxMs: 5 }, shutdownMs: 10 }
  net.spawn([3, 1], fromHandler(fault), options)
  net.spawn([3, 2], fromHandler({ init: fault, handle: () => 'never' }), options)
  net.spawn([3, 3], fromHandler({ init: () => 1, handle: () => fail(), stop: fault }), options)
  net.spawn([3, 4], setup({}).createMachine({ on: { go: { actions: fault } } }), options)
  net.spawn([3, 5], setup({}).createMachine({ entry: fault }), options)
  net.spawn(
    [3, 6],
    setup({ actors: { job: fromPromise(reject) } }).createMachine({ invoke: { src: 'job' } }),
    options,
  )
  net.spawn(
    [3, 7],
    setup({ actors: { job: fromCallback(fail) } }).createMachine({ invoke: { src: 'job' } }),
    options,
  )
  net.spawn([3, 8], fromPromise(reject), options)
  net.spawn([3, 9], setup({}).createMachine({ after: { 1: { actions: fault } } }), options)
}

const ends = {}
const answers = []
for (const fault of faults) {
  const options = {
    logger,
    inspect: fault,
    listener: every(namesOf.listener, fault),
    connListener: every(namesOf.connListener, fault),
  }
  const net = createP2pNet({ end: [2, 1], listen: {}, ...options })
  spawnFaulty(net, fault)
  net.spawn(
    [2, 7],
    fromHandler((message) => message),
  )
  const peer = createP2pNet({ end: [1, 1], ...options })
  await Promise.all([net.start(), peer.start()])
  await peer.dial({ port: net.address.port })

  for (let round = 0; round < 5; round++) {
    const asks = Array.from({ length: 9 }, (_, no) =>
      peer.ask([3, no + 1], { type: 'go' }, { timeoutMs: 50 }).catch((error) => error.code),
    )
    for (const end of await Promise.all(asks)) ends[end] = (ends[end] ?? 0) + 1
  }
  answers.push(await peer.ask([2, 7], 'still there?'), await net.ask([2, 7], 'still there?'))
  await Promise.all([peer.close({ deadlineMs: 500 }), net.close({ deadlineMs: 500 })])
}

setImmediate(() => {
  process.send({ uncaught, answers, logged, ends })
  process.disconnect()
})
