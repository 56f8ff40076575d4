// Fifty files dropped on the page while the server dies and comes back; whoever runs this kills it.
import { readdirSync } from 'node:fs'
import { away, check, flow, login } from './browser.mjs'

const [, , , , folder, username, password] = process.argv
const names = readdirSync(folder).filter((name) => name.endsWith('.pdf'))

await flow(async ({ page }) => {
  await login(page, username, password)
  await page.getByLabel('Choose files').setInputFiles(names.map((name) => `${folder}/${name}`))
  const rows = page.getByRole('region', { name: 'Uploads' }).getByRole('listitem')
  check(await rows.count() === names.length, `${names.length} files are on their way`)
  await page.waitForFunction((n) => [...document.querySelectorAll('section li .state')].filter((e) => e.textContent === 'Read').length === n,
    names.length, { timeout: 120000, polling: 200 }).catch(async () => {
    throw new Error(`not all were read:\n${(await rows.allInnerTexts()).filter((text) => !text.includes('Read')).join('\n')}`)
  })
  await page.getByText('The connection is lost').waitFor({ state: 'detached' })
  await page.getByText(`${names.length} candidates`).waitFor()
}, {}, away)
