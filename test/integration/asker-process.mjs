// Asks 2:7 of another process so many times, some at once, and makes it crash in the middle; says how each ask ended.
import { createP2pNet } from 'p2pnet'

const [port, asks] = process.argv.slice(2).map(Number)
const window = 1_000

const net = createP2pNet({ end: [1, 1] })
await net.start()
await net.dial({ port })

let next = 0
let right = 0
const settled = new Uint8Array(asks)
const ends = {}

async function askOn() {
  while (next < asks) {
    const no = next++
    const message = no === asks / 2 ? 'crash' : no
    let end
    try {
      const reply = await net.ask([2, 7], message, { timeoutMs: 30_000 })
      end = 'replied'
      if (reply === message) right++
    } catch (error) {
      end = `${message === 'crash' ? 'crash' : 'other'} ${error.code}`
    }
    settled[no]++
    ends[end] = (ends[end] ?? 0) + 1
  }
}

await Promise.all(Array.from({ length: window }, askOn))
const { asksOpen, asksReplied, asksFailed } = net.stats()
process.send({
  ends,
  right,
  once: settled.filter((times) => times === 1).length,
  asksOpen,
  asksReplied,
  asksFailed,
})
await net.close()
process.disconnect()
