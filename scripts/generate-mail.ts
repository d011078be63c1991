import { readFileSync } from 'node:fs'
import mjml2html from 'mjml'
import { subjects } from '../src/infra/mail-subjects.ts'
import { type GeneratedFile, writeOrCheck } from './generated-file.ts'
import { etaTags, mailDocument, previewOf, textMail } from './mail-source.ts'

const folder = 'src/infra/mail-templates'
const layout = readFileSync('mail/layout.mjml', 'utf8')

async function templateFiles(name: string, subject: string): Promise<GeneratedFile[]> {
  const [body, text] = ['mjml', 'txt'].map((kind) => readFileSync(`mail/${name}.${kind}`, 'utf8')) as [string, string]
  const document = mailDocument(layout, { subject, preview: previewOf(text), body })
  const { html } = await mjml2html(document, { validationLevel: 'strict', fonts: {}, keepComments: false })
  return [
    {
      path: `${folder}/${name}.html`,
      content: etaTags(
        html
          .trim()
          .replace(/[ \t]+$/gm, '')
          .replace(/\n{2,}/g, '\n'),
      ).concat('\n'),
    },
    { path: `${folder}/${name}.txt`, content: etaTags(textMail(text)) },
  ]
}

const files = await Promise.all(Object.entries(subjects).map(([name, subject]) => templateFiles(name, subject)))
process.exitCode = writeOrCheck(files.flat(), process.argv[2], 'npm run mail:generate')
