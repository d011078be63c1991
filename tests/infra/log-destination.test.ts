import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type GatheredLines, gatherLines, logDestination } from '../../src/infra/log-destination.ts'
import { openLog } from '../../src/infra/logger.ts'

let folder: string
let file: string
let fd: number
let destination: GatheredLines
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'lemonnpie-log-'))
  file = path.join(folder, 'log')
  fd = openSync(file, 'a')
  destination = gatherLines(fd)
})
afterEach(() => {
  // What is still pending would be written into whatever is opened next under this number.
  destination.flushSync()
  closeSync(fd)
  rmSync(folder, { recursive: true })
})

const messages = () =>
  readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line).msg)

describe('gathered lines', () => {
  it('are written after a while, in order', async () => {
    const log = openLog({ LOG_LEVEL: 'info' }, destination)
    log.info('one')
    log.info('two')
    expect(messages()).toEqual([])
    while (messages().length === 0) await wait(10)
    expect(messages()).toEqual(['one', 'two'])
  })

  it('are written at once with an error', () => {
    const log = openLog({ LOG_LEVEL: 'info' }, destination)
    log.info('one')
    log.error('two')
    expect(messages()).toEqual(['one', 'two'])
    log.info('three')
    expect(messages()).toEqual(['one', 'two'])
    log.fatal('four')
    expect(messages()).toEqual(['one', 'two', 'three', 'four'])
  })

  it('are written when there are many', () => {
    const log = openLog({ LOG_LEVEL: 'info' }, destination)
    for (let index = 0; index < 1_000; index += 1) log.info(`line ${index}`)
    expect(messages().length).toBeGreaterThan(100)
  })

  it('are dropped when nobody reads any more', () => {
    const unread = gatherLines(99_999)
    unread.write('lost\n')
    expect(() => unread.flushSync()).not.toThrow()
  })
})

describe('a terminal', () => {
  it('gets lines for people', async () => {
    expect(await logDestination(true)).not.toHaveProperty('flushSync', expect.anything())
    expect(await logDestination(false)).toHaveProperty('lastLevel')
  })
})
