import { describe, expect, it } from 'vitest'
import { deviceName } from '../../../src/domains/auth/device.policy.ts'
import { passwordProblem } from '../../../src/domains/auth/password.policy.ts'

const owner = { email: 'Ada.Obi+films@gmail.com', name: 'Adaeze Okafor' }
const problem = (password: string, more = {}) => passwordProblem(password, { ...owner, ...more })

describe('a new password', () => {
  it.each([
    ['jollof1', 'is too short: 7 bytes, where at least 8 are needed'],
    ['', 'is too short: 0 bytes, where at least 8 are needed'],
    ['ọ'.repeat(25), 'is too long: 75 bytes, where at most 72 can be kept'],
    ['🎬'.repeat(19), 'is too long: 76 bytes, where at most 72 can be kept'],
    ['x'.repeat(73), 'is too long: 73 bytes, where at most 72 can be kept'],
    ['password', 'is among the 10,000 most leaked passwords'],
    ['PassWord1', 'is among the 10,000 most leaked passwords'],
    ['88888888', 'is among the 10,000 most leaked passwords'],
    ['1q2w3e4r5t', 'is among the 10,000 most leaked passwords'],
    ['adaobi-1990', 'is like the e-mail address'],
    ['My.Ada.Obi.2026', 'is like the e-mail address'],
    ['ada.obi+films@gmail.com', 'is like the e-mail address'],
    ['Adaeze Okafor!', 'is like the name'],
    ['okafor2026', 'is like the name'],
  ])('like %j is refused', (password, message) => expect(problem(password)).toBe(message))

  it.each(['ọlálọlá', 'x'.repeat(72), '🎬'.repeat(18), 'Suya on Sundays', 'Okafor sells suya on Sundays'])(
    'like %j is fine',
    (password) => expect(problem(password)).toBeNull(),
  )

  it.each([
    ['bobbobbob1', 'bob@example.com', 'Chidi', 'is like the e-mail address'],
    ['Bob-2026-2027', 'bob+films@example.com', 'Chidi', 'is like the e-mail address'],
    ['b.o.b.1234567', 'bob@example.com', 'Chidi', 'is like the e-mail address'],
    ['!!!!bob!!!!', 'b.o.b@example.com', 'Chidi', 'is like the e-mail address'],
    ['aaaaaaaaa7', 'a@example.com', 'Chidi', 'is like the e-mail address'],
    ['obi obi obi 9', 'ada@example.com', 'Chidi Obi', 'is like the name'],
    ['bob loves suya', 'bob@example.com', 'Chidi', null],
    ['8401 7736 2215', 'bob@example.com', 'Chidi', null],
    ['bobbin and thread', 'bob@example.com', 'Bob', null],
    ['84017736221', '...@example.com', '!!!', null],
  ])('like %j of %s, called %s, is judged by what is there beside them', (password, email, name, message) =>
    expect(problem(password, { email, name })).toBe(message),
  )

  it('is not compared with what is too short to tell', () => {
    expect(problem('Bode rides a bike', { email: 'bo@example.com', name: 'Bo' })).toBeNull()
    expect(problem('bo@example.com2026', { email: 'bo@example.com', name: 'Bo' })).toBe('is like the e-mail address')
    expect(problem('bo@example.com', { email: 'bo@example.com', name: 'Bo' })).toBe('is like the e-mail address')
  })
})

describe('a device', () => {
  it.each([
    [
      'Mozilla/5.0 (Linux; Android 14; TECNO CK7) AppleWebKit/537.36 Chrome/130.0 Mobile Safari/537.36',
      'Chrome on Android',
    ],
    ['Mozilla/5.0 (Windows NT 10.0; Win64) AppleWebKit/537.36 Chrome/130.0 Safari/537.36 Edg/130.0', 'Edge on Windows'],
    [
      'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605 Version/18.0 Safari/604.1',
      'Safari on an iPhone',
    ],
    ['Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0', 'Firefox on Linux'],
    ['Opera Mini/7.1', 'Opera'],
    ['Dalvik/2.1.0 (Linux; U; Android 13)', 'Android'],
    ['LemonNPie-TV/1.0', 'LemonNPie-TV/1.0'],
    [null, 'an unknown device'],
  ])('that says %j is called %s', (userAgent, name) => expect(deviceName(userAgent)).toBe(name))
})
