// The lobby process, started by child.ts: a node with three handlers, for who is here (members), in which room
// (rooms), and what they say to each other (chat). Lines of one speaker reach everybody in the order he said them.
import type { P2pEnd } from 'p2pnet'
import type { Outward } from './gateway.ts'
import { counted, createNode, type Part, type PartSetup, portOf, reportOf, Tally } from './part.ts'
import { clientType, ends } from './protocol.ts'

type MembersMessage =
  | { readonly type: 'hello'; readonly name: string; readonly client?: P2pEnd }
  | { readonly type: 'nameOf'; readonly no: number }
  | { readonly type: 'everybody' }

type RoomsMessage =
  | { readonly type: 'join'; readonly room: string; readonly client?: P2pEnd }
  | { readonly type: 'neighbours'; readonly no: number }

type ChatMessage =
  | { readonly type: 'say'; readonly text: string; readonly client?: P2pEnd }
  | { readonly type: 'announce'; readonly text: string }

/** Counts the lines that are handed to the gateway for clients. */
interface PushCount {
  pushed: number
  /** The robots leave: there is nobody left to hear anything. */
  isQuiet: boolean
}

const nameCharsMax = 20
const textCharsMax = 200

export async function startLobby({ secret, ports, say }: PartSetup): Promise<Part> {
  const tally = new Tally()
  const count: PushCount = { pushed: 0, isQuiet: false }
  const net = createNode(say, { end: ends.lobby, secret, listen: { links: 'node' } })
  net.spawn(ends.rooms, rooms(tally))
  net.spawn(ends.chat, chat(tally, count))
  net.spawn(ends.members, members(tally))
  await net.start()
  if (ports.gatewayNode === undefined) throw new Error('nobody has told the gateway port')
  await net.dial({ port: ports.gatewayNode }, { reconnect: true })
  return {
    ports: { lobbyNode: portOf(net) },
    report: () => ({ ...reportOf(net, tally), pushed: count.pushed }),
    quiet: async () => {
      count.isQuiet = true
    },
    close: () => net.close(),
  }
}

const members = (tally: Tally) =>
  counted<Map<number, string>, MembersMessage>(
    { name: 'members', tally },
    {
      init: () => new Map(),
      handle: (names, message, ctx) => {
        switch (message.type) {
          case 'hello':
            names.set(message.client?.endNo ?? 0, String(message.name).slice(0, nameCharsMax))
            return { members: names.size }
          case 'nameOf':
            return names.get(message.no) ?? 'nobody'
          case 'everybody':
            return [...names.keys()]
          default:
            return ctx.reject('unknown request')
        }
      },
    },
  )

const rooms = (tally: Tally) =>
  counted<Map<number, string>, RoomsMessage>(
    { name: 'rooms', tally },
    {
      init: () => new Map(),
      handle: (roomOf, message, ctx) => {
        switch (message.type) {
          case 'join':
            roomOf.set(message.client?.endNo ?? 0, String(message.room).slice(0, nameCharsMax))
            return { room: message.room, rooms: new Set(roomOf.values()).size }
          case 'neighbours': {
            const room = roomOf.get(message.no)
            return [...roomOf.keys()].filter((no) => roomOf.get(no) === room)
          }
          default:
            return ctx.reject('unknown request')
        }
      },
    },
  )

/** Asks who is to hear a line and tells the gateway. The next line waits for that, so lines keep their order. */
const chat = (tally: Tally, count: PushCount) =>
  counted<undefined, ChatMessage>(
    { name: 'chat', tally },
    {
      handle: (_state, message, ctx) => {
        const hand = async (asked: Promise<unknown>): Promise<number> => {
          const numbers = (await asked) as readonly number[] // What our own two actors above answer.
          if (count.isQuiet) return 0
          const to = numbers.map((endNo) => ({ endType: clientType, endNo }))
          const body = { type: 'line', text: String(message.text).slice(0, textCharsMax) }
          ctx.tell(ends.relayOut, { to, body } satisfies Outward)
          count.pushed += to.length
          return to.length
        }
        switch (message.type) {
          case 'say':
            return hand(ctx.ask(ends.rooms, { type: 'neighbours', no: message.client?.endNo ?? 0 }))
          case 'announce':
            return hand(ctx.ask(ends.members, { type: 'everybody' }))
          default:
            return ctx.reject('unknown request')
        }
      },
    },
  )
