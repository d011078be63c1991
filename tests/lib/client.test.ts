import { describe, expect, it } from 'vitest'
import { clientOf, providerNetwork } from '../../src/lib/client.ts'

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

describe('the network of a provider', () => {
  it.each([
    ['102.89.23.10', '102.89'],
    ['2c0f:f5c0:12:7:1:2:3:4', '2c0f:f5c0:12'],
    ['2C0F:F5C0:0012::4', '2c0f:f5c0:12'],
    ['2c0f:f5c0::1', '2c0f:f5c0:0'],
    ['2c0f::5:4:3:2:1', '2c0f:0:0'],
    ['::1', '0:0:0'],
    ['::', '0:0:0'],
    ['::7:6:5:4:3:2:1', '0:7:6'],
    ['64:ff9b::102.89.23.10', '64:ff9b:0'],
    ['64:ff9b:1:2:3:4:102.89.23.10', '64:ff9b:1'],
    ['::6:5:4:3:2:102.89.23.10', '0:6:5'],
  ])('that has %s is %s', (address, network) => expect(providerNetwork(address)).toBe(network))
})
