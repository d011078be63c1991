import { createHash } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { claim, liveOwner, recordOwner } from '../../scripts/services/ownership.ts'

let directory: string
let file: string
beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'lemonnpie-owner-'))
  file = path.join(directory, 'owner')
})
afterEach(() => rm(directory, { recursive: true }))

/** As an earlier process has left it that was killed, whose number is by now another's. */
const dead = `${process.pid} node a start that is gone\n`

/** Claims at the same moment. @returns how many were granted, and their releases */
async function claimAtOnce(count: number) {
  const claims = await Promise.allSettled(Array.from({ length: count }, () => claim(file, 'this folder')))
  const refused = claims.flatMap((one) => (one.status === 'rejected' ? [String(one.reason)] : []))
  for (const reason of refused) expect(reason).toContain(`this folder is in use by process ${process.pid}`)
  return claims.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
}

test('of several that find a dead owner at once one gets its place, and nothing else is left behind', async () => {
  for (let round = 0; round < 30; round += 1) {
    await writeFile(file, dead)
    const [release, ...more] = await claimAtOnce(20)
    expect(more).toEqual([])
    expect(await liveOwner(file)).toMatchObject({ pid: process.pid })
    expect(await readdir(directory)).toEqual(['owner'])
    await release!()
    expect(await readdir(directory)).toEqual([])
  }
})

test('of several that find nobody one gets it', async () => {
  const [release, ...more] = await claimAtOnce(20)
  expect(more).toEqual([])
  await release!()
})

test('whoever died while taking over is taken over too', async () => {
  await writeFile(file, dead)
  const takeOver = `${file}.${createHash('sha256').update(dead).digest('hex').slice(0, 16)}`
  await writeFile(takeOver, dead)
  const [release] = await claimAtOnce(5)
  expect(release).toBeDefined()
  await release!()
})

test('what was only half written is nobody’s', async () => {
  await writeFile(file, '')
  await (await claim(file, 'this folder'))()
})

test('what two processes write is never the same', async () => {
  await recordOwner(file, process.pid)
  const first = await readFile(file, 'utf8')
  await recordOwner(file, process.pid)
  expect(await readFile(file, 'utf8')).not.toBe(first)
  expect(await liveOwner(file)).toMatchObject({ pid: process.pid })
})
