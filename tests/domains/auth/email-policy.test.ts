import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { emailKeyOf } from '../../../src/domains/auth/email.policy.ts'

describe('the key of an address', () => {
  it.each([
    ['Ada.Obi@Example.com', 'ada.obi@example.com'],
    ['ada.obi+films@example.com', 'ada.obi+films@example.com'],
    ['A.d.a.Obi+films@GMail.com', 'adaobi@gmail.com'],
    ['adaobi@googlemail.com', 'adaobi@gmail.com'],
    ['ada.obi+films@outlook.com', 'ada.obi@outlook.com'],
    ['ada.obi+films@Hotmail.com', 'ada.obi@hotmail.com'],
    ['ada+films@live.com', 'ada@live.com'],
    ['ada+films@me.com', 'ada@icloud.com'],
    ['ada_obi.x-y+films@protonmail.com', 'adaobixy@proton.me'],
    ['ada.obi+films@fastmail.com', 'ada.obi@fastmail.com'],
    ['ada@München.de', 'ada@xn--mnchen-3ya.de'],
    ['ada@xn--mnchen-3ya.de', 'ada@xn--mnchen-3ya.de'],
    ['ada@example.com.', 'ada@example.com'],
    ['ỌLÁ@example.com', 'ọlá@example.com'],
    ['ọlá@example.com', 'ọlá@example.com'],
    ['ａｄａ@example.com', 'ada@example.com'],
    ["o'brien@mail.example.co.uk", "o'brien@mail.example.co.uk"],
    // Nothing would be left of these.
    ['+films@gmail.com', '+films@gmail.com'],
    ['-_-@proton.me', '-_-@proton.me'],
  ])('%s is %s', (email, key) => expect(emailKeyOf(email)).toBe(key))

  it.each([
    // 255 characters and more.
    `${'x'.repeat(64)}@${'b'.repeat(50)}.${'a'.repeat(60)}.${'a'.repeat(60)}.${'a'.repeat(60)}.com`,
    'ada',
    '@example.com',
    'ada@',
    'ada@localhost',
    'ada@127.0.0.1',
    'ada@[127.0.0.1]',
    'ada@0x7f.1',
    'a..b@example.com',
    '.ada@example.com',
    'ada.@example.com',
    'ada obi@example.com',
    '"ada obi"@example.com',
    'ada@exa_mple.com',
    'ada@-example.com',
    'ada@example..com',
    'ada@example.c',
    'ada@exa mple.com',
    `${'a'.repeat(65)}@example.com`,
    `ada@${'a'.repeat(64)}.com`,
    `ada@${`${'a'.repeat(60)}.`.repeat(5)}com`,
  ])('there is none for %s', (email) => expect(emailKeyOf(email)).toBeNull())

  it('is its own key, whatever was typed', () => {
    const local = fc.stringMatching(/^[a-zA-Z0-9._+ọẹ-]{1,20}$/)
    const domain = fc.constantFrom('gmail.com', 'GoogleMail.com', 'outlook.com', 'proton.me', 'example.ng', 'me.com')
    fc.assert(
      fc.property(local, domain, (name, host) => {
        const key = emailKeyOf(`${name}@${host}`)
        if (key !== null) expect(emailKeyOf(key)).toBe(key)
      }),
      { numRuns: 300 },
    )
  })
})
