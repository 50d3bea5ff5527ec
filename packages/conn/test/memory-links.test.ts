import { systemClock } from '@p2pnet/wire'
import { expect, it } from 'vitest'
import { SimClock } from '../../../test/support/sim-clock.ts'
import { createMemoryLinks } from '../src/memory-links.ts'
import { describeLinks } from './link-contract.ts'
import { LinkEnd, numbered } from './link-end.ts'

describeLinks('a memory link', () => createMemoryLinks(systemClock))

it('delivers nothing before its clock has a turn', async () => {
  const clock = new SimClock()
  const links = createMemoryLinks(clock)
  const accepts: LinkEnd[] = []
  await links.listen({ host: 'here', port: 7 }, (link) => accepts.push(new LinkEnd(link)))
  const dialled = new LinkEnd(links.dial({ host: 'here', port: 7 }))

  const early = dialled.reports.length
  clock.settle()
  dialled.link.write(numbered(8))
  const before = accepts[0]?.bytes.length
  clock.settle()

  expect([early, before, accepts[0]?.bytes.length]).toEqual([0, 0, 8])
})

it('lets nobody dial out of its own world', async () => {
  const clock = new SimClock()
  await createMemoryLinks(clock).listen({ host: 'here', port: 7 }, () => {})

  const end = new LinkEnd(createMemoryLinks(clock).dial({ host: 'here', port: 7 }))
  clock.settle()

  expect(end.closes[0]?.message).toBe('connection refused: here:7')
})

it('leaves its clock at rest when a paused link is left by its peer', async () => {
  const clock = new SimClock()
  const links = createMemoryLinks(clock)
  const accepts: LinkEnd[] = []
  await links.listen({ host: 'here', port: 7 }, (link) => accepts.push(new LinkEnd(link)))
  const dialled = new LinkEnd(links.dial({ host: 'here', port: 7 }))
  clock.settle()
  accepts[0]?.link.pause()

  dialled.link.write(numbered(8))
  dialled.link.destroy()
  clock.settle()
  accepts[0]?.link.resume()
  clock.settle()

  expect(accepts[0]?.reports).toEqual(['chunk', 'close'])
})
