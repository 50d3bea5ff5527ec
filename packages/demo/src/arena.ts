// The arena process, started by child.ts: a node with a handler (the world, below) and a machine (match.ts). Both are
// slow to come back from a crash, so that one can see it. The world's state is made anew at every start, so after a
// crash the players appear again with their next move.
import type { P2pEnd } from 'p2pnet'
import type { InspectionEvent } from 'xstate'
import { match } from './match.ts'
import { counted, createNode, type Part, type PartSetup, reportOf, Tally } from './part.ts'
import { ends, endText, isWell, type Report } from './protocol.ts'

const visibleBackoff = { backoff: { minMs: 1_500, maxMs: 3_000, jitter: 0 } }

export async function startArena({ secret, ports, say }: PartSetup): Promise<Part> {
  const tally = new Tally()
  const charts = new Map<string, string>()
  const inspect = (event: InspectionEvent): void => noteChart(charts, event)
  const net = createNode(say, { end: ends.arena, secret, restarts: visibleBackoff, inspect })
  net.spawn(ends.world, world(tally))
  net.spawn(ends.match, match(tally))
  await net.start()
  // Nodes forward for nobody yet, so the arena knows both others itself.
  for (const port of [ports.gatewayNode, ports.lobbyNode]) {
    if (port === undefined) throw new Error('nobody has told the ports of gateway and lobby')
    await net.dial({ port }, { reconnect: true })
  }
  return {
    ports: {},
    report: () => withCharts(reportOf(net, tally), charts),
    close: () => net.close(),
  }
}

/** Keeps where the match is: `net.stats()` knows the supervisor's states, and not those of a machine's chart. */
function noteChart(charts: Map<string, string>, event: InspectionEvent): void {
  if (event.type !== '@xstate.snapshot' || !('id' in event.actorRef)) return
  // The net gives an actor its end as its id.
  const { id } = event.actorRef
  if (id === endText('match') && 'value' in event.snapshot) charts.set(id, String(event.snapshot.value))
}

/** While an actor is down its chart is nowhere, whatever was noted last. */
function withCharts(report: Report, charts: ReadonlyMap<string, string>): Report {
  const actors = report.actors.map((actor) => {
    const chart = isWell(actor.state) ? charts.get(actor.end) : undefined
    return chart === undefined ? actor : { ...actor, chart }
  })
  return { ...report, actors }
}

type WorldMessage =
  | { readonly type: 'move'; readonly dx: number; readonly dy: number; readonly client?: P2pEnd }
  | { readonly type: 'look'; readonly client?: P2pEnd }
  | { readonly type: 'crash'; readonly client?: P2pEnd }

interface Place {
  readonly x: number
  readonly y: number
}

const size = 100
const sight = 10

/** Takes the players' moves and tells them what they see. */
export const world = (tally: Tally) =>
  counted<Map<number, Place>, WorldMessage>(
    { name: 'world', tally },
    {
      init: () => new Map(),
      handle: (places, message, ctx) => {
        const no = message.client?.endNo ?? 0
        switch (message.type) {
          case 'move':
            return void places.set(no, moved(places.get(no), message.dx, message.dy))
          case 'look':
            return { players: places.size, near: near(places, no) }
          case 'crash':
            // Clients' messages are stamped: this one comes from the operator, or is refused.
            if (message.client !== undefined) return ctx.reject('for the operator only')
            throw new Error('the world crashes because it was told to')
          default:
            return ctx.reject('unknown request')
        }
      },
    },
  )

function moved(from: Place | undefined, dx: number, dy: number): Place {
  const at = from ?? { x: size / 2, y: size / 2 }
  return { x: step(at.x, dx), y: step(at.y, dy) }
}

/** One step at most, whatever a client says, and round the edge of the world. */
function step(at: number, by: number): number {
  const sign = Number.isFinite(by) ? Math.sign(by) : 0
  return (at + sign + size) % size
}

function near(places: ReadonlyMap<number, Place>, no: number): number {
  const here = places.get(no)
  if (here === undefined) return 0
  const isNear = ({ x, y }: Place): boolean => Math.abs(x - here.x) <= sight && Math.abs(y - here.y) <= sight
  return [...places.values()].filter(isNear).length - 1
}
