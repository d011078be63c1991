import { getRounds, hashSync } from 'bcryptjs'
import { afterAll, describe, expect, it } from 'vitest'
import * as worker from '../../src/infra/password-worker.ts'
import { openPasswords, passwordCost } from '../../src/infra/passwords.ts'

const passwords = openPasswords({ most: 2 })
afterAll(() => passwords.close())

describe('passwords', () => {
  it('are hashed at the present cost, each with a salt of its own, and recognised', async () => {
    const hashes = await Promise.all(['Ọlá sí ọlá', 'Ọlá sí ọlá'].map(passwords.hashPassword))
    expect(hashes[0]).not.toBe(hashes[1])
    expect(hashes.map(getRounds)).toEqual([passwordCost, passwordCost])
    expect(await passwords.verifyPassword('Ọlá sí ọlá', hashes[0]!)).toBe(true)
    expect(await passwords.verifyPassword('Ola si ola', hashes[0]!)).toBe(false)
  })

  it('over 72 bytes are nobody’s, though bcrypt would not see the difference', async () => {
    const hash = hashSync('x'.repeat(72), 4)
    expect(await passwords.verifyPassword('x'.repeat(72), hash)).toBe(true)
    expect(await passwords.verifyPassword('x'.repeat(73), hash)).toBe(false)
  })

  it('are turned away when too many wait, and taken again afterwards', async () => {
    const hash = hashSync('a', 4)
    const verify = () => passwords.verifyPassword('a', hash)
    const outcomes = await Promise.allSettled([verify(), verify(), verify()])
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected'])
    expect(outcomes[2]).toMatchObject({ reason: { code: 'service_unavailable', status: 503 } })
    expect(await verify()).toBe(true)
    await expect(passwords.verifyPassword('a', 'no hash')).resolves.toBe(false)
  })

  it('do not start a thread, nor need closing, before there is one', async () => {
    await openPasswords().close()
  })

  it('of an older cost are known as that; nobody’s is of the present one', () => {
    const { isOutdated, nobodysHash } = passwords
    expect([isOutdated(hashSync('a', 4)), isOutdated(nobodysHash)]).toEqual([true, false])
    expect(getRounds(nobodysHash)).toBe(passwordCost)
  })

  it('are looked at by the threads as here', () => {
    const hash = worker.hash({ password: 'a', cost: 4 })
    expect([worker.verify({ password: 'a', hash }), worker.verify({ password: 'b', hash })]).toEqual([true, false])
  })
})
