// A node of its own process: 2:7 answers numbers and crashes at `crash`, 2:8 never answers. Says its port, and on
// `report` what it has handled; ends after `close` without being killed.
import { createP2pNet, fromHandler } from 'p2pnet'

const handledTimes = new Map()

const net = createP2pNet({ end: [2, 1], listen: { port: 0 } })
net.spawn(
  [2, 7],
  fromHandler((message) => {
    handledTimes.set(message, (handledTimes.get(message) ?? 0) + 1)
    if (message === 'crash') throw new Error('on purpose')
    return message
  }),
)
net.spawn(
  [2, 8],
  fromHandler(() => new Promise(() => {})),
  { shutdownMs: 1 },
)
await net.start()
process.send({ port: net.address.port })

process.on('message', async (what) => {
  if (what === 'close') {
    await net.close()
    // Sockets that were destroyed are gone a few turns later.
    for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve))
    process.send({ resources: process.getActiveResourcesInfo() })
    process.disconnect()
    return
  }
  const times = [...handledTimes.values()]
  const { crashes, restarts, deadLettersByReason, accepted, delivered } = net.stats()
  const counts = { crashes, restarts, deadLettersByReason, accepted, delivered }
  process.send({ handled: times.length, once: times.filter((count) => count === 1).length, ...counts })
})
