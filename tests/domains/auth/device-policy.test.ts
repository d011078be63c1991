import { expect, it } from 'vitest'
import { deviceName, familiarPlace } from '../../../src/domains/auth/device.policy.ts'

const chrome = 'AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36'

it.each([
  [`Mozilla/5.0 (Linux; Android 15) ${chrome}`, 'Chrome on Android'],
  [`Mozilla/5.0 (unheard of) ${chrome}`, 'Chrome'],
  ['okhttp/5.1 (Linux; Android 15)', 'Android'],
  [`film-club/${'9'.repeat(90)}`, `film-club/${'9'.repeat(50)}`],
  [null, 'an unknown device'],
])('%s is %s', (userAgent, name) => {
  expect(deviceName(userAgent)).toBe(name)
})

const phone = (version: number) =>
  `Mozilla/5.0 (Linux; Android ${version - 125}; TECNO CK7) AppleWebKit/537.36 Chrome/${version}.0 Mobile Safari/537.36`
const place = (userAgent: string | null, address: string | null) => familiarPlace({ userAgent, address })

it('a device is familiar after an update, and under the next address of its provider', () => {
  const known = place(phone(140), '102.89.23.10')
  expect(place(phone(141), '102.89.201.7')).toBe(known)
  expect(place(phone(140), '105.112.4.1')).not.toBe(known)
  expect(place(phone(140).replace('Android', 'Windows'), '102.89.23.10')).not.toBe(known)
  expect(place(phone(140), '2c0f:f5c0:1:a::1')).toBe(place(phone(140), '2c0f:f5c0:1:b::2'))
  expect(place(phone(140), '2c0f:f5c0:1::1')).not.toBe(place(phone(140), '2c0f:f5c0:2::1'))
  expect(place('film-club/2.10 (build 7)', '::1')).toBe(place('film-club/2.11.1 (build 8)', '::1'))
  expect(place('film-club/2.10', '::1')).not.toBe(place('film-fans/2.10', '::1'))
  expect(place(null, null)).toBe(place(null, null))
  expect(place(null, null)).not.toBe(place(null, '::1'))
})
