import { describe, expect, it } from 'vitest'
import { clientOf } from '../../src/lib/client.ts'

describe('a client', () => {
  it.each([
    ['::ffff:102.89.23.10', '102.89.23.10'],
    ['2c0f:f5c0::1', '2c0f:f5c0::1'],
    ['fe80::1%eth0', 'fe80::1'],
    ['102.89.23.10:4711', '102.89.23.10'],
    ['[2c0f:f5c0::1]:4711', '2c0f:f5c0::1'],
    ['[2c0f:f5c0::1]', '2c0f:f5c0::1'],
    ['unknown', null],
    ['999.1.1.1', null],
    ['::ffff:999.1.1.1', null],
    ['', null],
  ])('at %s is at %s', (given, address) => expect(clientOf(given, 'x').address).toBe(address))

  it('says of itself what can be kept', () => {
    expect(clientOf('::1', undefined).userAgent).toBeNull()
    expect(clientOf('::1', ' \t ').userAgent).toBeNull()
    expect(clientOf('::1', ' Nolly\u0000wood\u00ff/1 ').userAgent).toBe('Nolly wood /1')
    expect(clientOf('::1', 'x'.repeat(16_000)).userAgent).toHaveLength(300)
  })
})
