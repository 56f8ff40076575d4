// Blind mode: no name, no contact, no file name and no page of the document, wherever a candidate is shown; and a Word document's
// text beside its profile.
import { check, flow, inspect, login } from './browser.mjs'

const [, , , , documents, username, password] = process.argv
const secrets = {
  'two-columns.pdf': ['Tobias', 'Lindqvist', 't.lindqvist', 'example.org', 'two-columns'],
  'table.docx': ['Xiomara', 'xiomara.dp', 'table.docx']
}

await flow(async ({ page, base }) => {
  const hidden = async (words, where) => {
    const html = (await page.content()) + (await page.title())
    for (const word of words) check(!html.toLowerCase().includes(word.toLowerCase()), `${where} shows ${word}`)
  }
  await login(page, username, password)
  for (const name of Object.keys(secrets)) {
    await page.getByLabel('Choose files').setInputFiles(`${documents}/${name}`)
    await page.locator('li', { hasText: name }).getByText('Read', { exact: true }).waitFor()
  }

  // A Word document: its text, and in it the words of each value.
  await page.getByRole('link', { name: /Xiomara/ }).click()
  const paper = page.getByRole('region', { name: 'Document' })
  await paper.getByText('xiomara.dp@example.com').waitFor()
  await page.getByRole('button', { name: 'xiomara.dp@example.com' }).click()
  check(await paper.locator('mark').innerText() === 'xiomara.dp@example.com', 'the address is lit up in the text')
  await inspect(page, 'candidate-word')
  const skill = page.getByRole('listitem').filter({ has: page.getByRole('button', { name: /^Delete: / }) }).first().getByRole('button').first()
  await skill.click()
  check((await paper.locator('mark').innerText()).includes(await skill.innerText()), 'the skill is lit up in the text')
  const place = await paper.locator('mark').boundingBox()
  check(place.y > 0 && place.y < 850, 'it is scrolled into view')

  // Blind, from here: the page says so at once, and stays so.
  const asked = []
  page.on('request', (r) => asked.push(r.url()))
  await page.getByLabel('Blind mode').check()
  await page.getByText('Name, contact, file and photo are hidden').waitFor()
  await hidden(secrets['table.docx'], 'the candidate')
  check(await page.getByRole('button', { name: 'Download' }).count() === 0, 'the file cannot be downloaded')
  await page.goto(`${base}/#/`)
  await page.getByRole('link', { name: /^Candidate \d/ }).first().waitFor()
  await hidden(Object.values(secrets).flat(), 'the table with the uploads')
  await page.getByRole('searchbox', { name: 'Search' }).fill('lindqvist')
  await page.getByText('1 candidates').waitFor()
  await page.getByRole('searchbox', { name: 'Search' }).fill('')
  await page.getByText('2 candidates').waitFor()
  const down = page.waitForEvent('download')
  await page.getByRole('button', { name: 'Export CSV' }).click()
  const csv = await (await (await down).createReadStream()).toArray()
  for (const word of Object.values(secrets).flat()) check(!Buffer.concat(csv).toString().includes(word), `the CSV has ${word}`)
  await inspect(page, 'candidates-blind')

  // A PDF with its photo: the page is not even fetched.
  await page.goto(`${base}/#/candidates/1`)
  await paper.getByText('Kubernetes').first().waitFor()
  await hidden(secrets['two-columns.pdf'], 'the candidate with a PDF')
  check(await page.locator('canvas').count() === 0 && !asked.some((url) => url.endsWith('/file')), 'no page is drawn or fetched')

  await inspect(page, 'candidate-blind')
  await page.goto(`${base}/#/compare/1/2`)
  await page.getByRole('heading', { name: 'Compare two candidates' }).waitFor()
  await page.getByRole('heading', { level: 2, name: 'Candidate 1' }).waitFor()
  await hidden(Object.values(secrets).flat(), 'the comparison')
  await inspect(page, 'compare-blind')
  await page.goto(`${base}/#/candidates/1`)
  await page.getByLabel('Blind mode').uncheck()
  await page.locator('canvas').first().waitFor()
  await page.getByRole('heading', { name: 'Tobias Lindqvist' }).waitFor()
})
