import { expect, it } from 'vitest'
import { deviceName } from '../../../src/domains/auth/device.policy.ts'

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
