import { type Client, providerNetwork } from '../../lib/client.ts'

/** First match wins: what several call themselves stands behind what only one does. */
const browsers: ReadonlyArray<readonly [RegExp, string]> = [
  [/\bEdg(?:e|A|iOS)?\//, 'Edge'],
  [/\bOPR\/|\bOpera Mini\//, 'Opera'],
  [/\bSamsungBrowser\//, 'Samsung Internet'],
  [/\bUCBrowser\//, 'UC Browser'],
  [/\bFirefox\/|\bFxiOS\//, 'Firefox'],
  [/\bChrome\/|\bCriOS\//, 'Chrome'],
  [/\bSafari\//, 'Safari'],
]
const systems: ReadonlyArray<readonly [RegExp, string]> = [
  [/\bAndroid\b/, 'Android'],
  [/\biPhone\b/, 'an iPhone'],
  [/\biPad\b/, 'an iPad'],
  [/\bWindows\b/, 'Windows'],
  [/\bMac OS X\b/, 'a Mac'],
  [/\bLinux\b/, 'Linux'],
]

const nameIn = (list: typeof browsers, text: string): string | undefined =>
  list.find(([pattern]) => pattern.test(text))?.[1]

/** A device in words that its owner knows it by: `Chrome on Android`. What nobody knows is named as it names itself. */
export function deviceName(userAgent: string | null): string {
  if (userAgent === null) return 'an unknown device'
  const browser = nameIn(browsers, userAgent)
  const system = nameIn(systems, userAgent)
  if (browser === undefined) return system ?? userAgent.slice(0, 60)
  return system === undefined ? browser : `${browser} on ${system}`
}

/**
 * A device and where it is, as coarse as it must be to stay the same while a program is updated and a carrier gives the
 * telephone one address after another: what a program is called without its version, and the network of its provider.
 */
export function familiarPlace({ userAgent, address }: Client): string {
  const isKnown = userAgent === null || nameIn(browsers, userAgent) !== undefined
  const device = isKnown ? deviceName(userAgent) : userAgent.replace(/\d[\d.]*/g, '')
  return `${device}\n${address === null ? '' : providerNetwork(address)}`
}
