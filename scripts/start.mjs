// Plain JavaScript, so that a Node too old for the rest can at least say so.
import { readFileSync } from 'node:fs'

const { engines } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
const [major, minor] = engines.node.replace('>=', '').split('.').map(Number)
const [ownMajor, ownMinor] = process.versions.node.split('.').map(Number)

if (ownMajor < major || (ownMajor === major && ownMinor < minor)) {
  console.error(
    `LemonNPie needs Node.js ${major}.${minor} or newer, and this is ${process.versions.node}: run npm install, which brings one along, then npm start.`,
  )
  process.exitCode = 1
} else {
  await import('./start.ts').catch((error) => {
    if (error.code !== 'ERR_MODULE_NOT_FOUND' || !/Cannot find package/.test(error.message)) throw error
    console.error(`${error.message.split(' imported from')[0]}: run npm install first.`)
    process.exitCode = 1
  })
}
