// A recruiter's day: files dropped, read, found, looked at where they were read, corrected, deleted.
import { check, flow, inspect, login } from './browser.mjs'

const [, , , , documents, username, password] = process.argv

await flow(async ({ page, base }) => {
  await page.goto(`${base}/`)
  await page.getByLabel('Password').waitFor()
  await inspect(page, 'login')
  await login(page, username, password)
  await page.getByText('No candidates yet').waitFor()
  await inspect(page, 'candidates-empty')

  await page.getByLabel('Choose files').setInputFiles(
    ['two-columns.pdf', 'plain.pdf', 'table.docx', 'german.pdf'].map((name) => `${documents}/${name}`))
  for (const name of ['two-columns.pdf', 'plain.pdf', 'table.docx', 'german.pdf'])
    await page.locator('li', { hasText: name }).getByText('Read', { exact: true }).waitFor()
  await page.getByRole('link', { name: 'Tobias Lindqvist' }).waitFor()
  await inspect(page, 'candidates')

  await page.getByLabel('Choose files').setInputFiles(`${documents}/plain.pdf`)
  await page.getByText('Already there').waitFor()

  await page.getByRole('searchbox', { name: 'Search' }).fill('kubernetes')
  await page.getByRole('link', { name: 'Bronwen Achterberg' }).waitFor({ state: 'detached' })
  check((await page.locator('mark').first().innerText()).toLowerCase() === 'kubernetes', 'what was found is marked')
  await page.getByRole('link', { name: 'Tobias Lindqvist' }).click()

  await page.locator('canvas').first().waitFor()
  await page.getByRole('button', { name: 't.lindqvist@example.org' }).click()
  const box = await page.locator('.box').boundingBox()
  const sheet = await page.locator('canvas').first().boundingBox()
  check(box.x > sheet.x && box.x < sheet.x + sheet.width / 3, 'the address is lit up in the left column')
  await inspect(page, 'candidate')

  await page.getByRole('button', { name: 'Correct: Name' }).click()
  await page.getByLabel('Name').fill('Tobias L.')
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByText('Corrected by hand').waitFor()
  await page.reload()
  await page.getByRole('heading', { name: 'Tobias L.' }).waitFor()

  await page.getByRole('button', { name: 'Delete', exact: true }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
  await page.getByRole('link', { name: 'Bronwen Achterberg' }).waitFor()
  check(await page.getByRole('link', { name: 'Tobias L.' }).count() === 0, 'the deleted one is gone')

  await page.getByLabel('Blind mode').check()
  check(await page.getByText('Bronwen').count() === 0, 'no name is shown in blind mode')
  await page.getByLabel('Blind mode').uncheck()
  for (const row of [0, 1]) await page.getByRole('row').getByRole('checkbox').nth(row).check()
  await page.getByRole('button', { name: 'Compare' }).click()
  await page.getByRole('heading', { name: 'Compare two candidates' }).waitFor()
  await inspect(page, 'compare')

  for (const [path, heading] of [['users', 'Users'], ['scheduler', 'Scheduler'], ['features', 'Feature flags'], ['logs', 'Log'],
    ['audit', 'Audit trail'], ['account', 'Account']]) {
    await page.goto(`${base}/#/${path}`)
    await page.getByRole('heading', { level: 1, name: heading, exact: true }).waitFor()
    await page.locator('[aria-busy=true]').first().waitFor({ state: 'detached' })
    await inspect(page, path)
  }
})
