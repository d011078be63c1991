import { existsSync, globSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'

const root = path.join(import.meta.dirname, '..')
const scripts = (
  JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as { scripts: Record<string, string> }
).scripts
const pages = globSync(['*.md', '{.github,bench,db,docs,scripts,src,tests}/**/*.md'], { cwd: root }).sort()

/** A heading's anchor as GitHub makes it. */
const anchorOf = (heading: string) =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replace(/\s/g, '-')
const anchorsOf = (text: string) => [...text.matchAll(/^#+\s+(.*)$/gm)].map((match) => anchorOf(match[1] ?? ''))

const isBroken = (page: string, link: string) => {
  const [file = '', anchor] = link.split('#')
  const target = file === '' ? page : path.join(path.dirname(page), file)
  if (!existsSync(path.join(root, target))) return true
  return anchor !== undefined && !anchorsOf(readFileSync(path.join(root, target), 'utf8')).includes(anchor)
}

describe.each(pages)('%s', (page) => {
  const text = readFileSync(path.join(root, page), 'utf8')

  it('links to what exists', () => {
    const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map((match) => match[1] ?? '')
    expect(links.filter((link) => !/^[a-z]+:/.test(link) && isBroken(page, link))).toEqual([])
  })

  it('names commands that exist', () => {
    const named = [...text.matchAll(/\bnpm run ([a-z:-]+)/g)].map((match) => match[1] ?? '')
    expect(named.filter((name) => !(name in scripts))).toEqual([])
  })
})
