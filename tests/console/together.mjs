// Two people correct one candidate: each sees what the other does, and the second to save decides.
import { check, flow, inspect, login } from './browser.mjs'

const [, , , , documents, username, password] = process.argv

await flow(async ({ page, base, another }) => {
  const other = await another()
  for (const one of [page, other]) await login(one, username, password)
  const open = async (one) => {
    await one.goto(`${base}/#/candidates/1`)
    await one.getByRole('button', { name: 'Correct: Name' }).waitFor()
  }
  const type = async (one, field, value) => {
    await one.getByRole('button', { name: `Correct: ${field}` }).click()
    await one.getByLabel(field, { exact: true }).fill(value)
  }
  await page.getByLabel('Choose files').setInputFiles(`${documents}/two-columns.pdf`)
  await page.getByRole('link', { name: 'Tobias Lindqvist' }).waitFor()
  await open(page)
  await open(other)

  // Live: the other's correction appears by itself, and one who is typing is told.
  await type(page, 'Name', 'Mine')
  await type(other, 'Name', 'Theirs')
  await other.getByRole('button', { name: 'Save' }).click()
  await other.getByRole('heading', { name: 'Theirs' }).waitFor()
  await page.getByRole('heading', { name: 'Theirs' }).waitFor()
  const told = page.getByRole('alert').filter({ hasText: 'Somebody else changed this' })
  check((await told.innerText()).includes('Theirs'), 'the other value is shown')
  check(await page.getByLabel('Name', { exact: true }).inputValue() === 'Mine', 'and so is mine')
  await inspect(page, 'candidate-conflict')
  await page.getByRole('button', { name: 'Save mine instead' }).click()
  await other.getByRole('heading', { name: 'Mine' }).waitFor()

  // Without the event: the save itself is refused, and the choice is the same.
  await type(page, 'Name', 'Second thought')
  await page.routeWebSocket(/\/ws\//, () => {})
  const reloaded = page.waitForResponse((r) => r.url().endsWith('/profile'))
  await page.evaluate(() => dispatchEvent(new Event('offline')))
  await reloaded // once more when the socket is open, which is deaf from here on
  await page.getByText('The connection is lost').waitFor({ state: 'detached' })
  await type(other, 'Name', 'Other thought')
  await other.getByRole('button', { name: 'Save' }).click()
  await other.getByRole('heading', { name: 'Other thought' }).waitFor()
  check(await page.getByRole('heading', { name: 'Mine' }).count() === 1, 'nothing was heard')
  await page.getByRole('button', { name: 'Save' }).click()
  await told.waitFor()
  await page.getByRole('button', { name: 'Keep theirs' }).click()
  await page.getByRole('heading', { name: 'Other thought' }).waitFor()

  // Two values of one candidate are no conflict, nor are two skills.
  await type(page, 'Phone', '+1 555 0100')
  await type(other, 'Domain', 'Weaving')
  await other.getByRole('button', { name: 'Save' }).click()
  await other.getByText('Weaving').waitFor()
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByRole('button', { name: '+1 555 0100' }).waitFor()
  await page.getByRole('button', { name: 'Weaving' }).waitFor()
  await other.getByLabel('Add a skill').fill('Fortran')
  await other.keyboard.press('Enter')
  await other.getByRole('button', { name: 'Fortran', exact: true }).waitFor()
  await page.getByLabel('Add a skill').fill('Cobol')
  await page.keyboard.press('Enter')
  await page.getByRole('button', { name: 'Cobol', exact: true }).waitFor()
  check(await page.getByRole('button', { name: 'Fortran', exact: true }).count() === 1, 'the other skill stays')

  // A correction can be taken back: what was read shows again.
  await type(page, 'E-mail', 'wrong@example.org')
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByRole('button', { name: 'wrong@example.org' }).waitFor()
  await page.getByRole('button', { name: 'Undo' }).last().click()
  await page.getByRole('button', { name: 't.lindqvist@example.org' }).waitFor()

  // So can a deletion, until it is done; the other hears of it only then.
  await page.getByRole('button', { name: 'Delete', exact: true }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
  await page.getByText('Being deleted').waitFor()
  await page.getByRole('button', { name: 'Undo' }).last().click()
  await page.getByRole('link', { name: 'Other thought' }).click()
  await page.getByRole('button', { name: 'Delete', exact: true }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
  await page.getByText('Being deleted').waitFor()
  check(await other.getByRole('heading', { name: 'Other thought' }).count() === 1, 'it is there for the other')
  await page.goto('about:blank') // leaving the page does what was put off
  await other.getByText('No candidates yet').waitFor()
}, {}, ['412', 'WebSocket connection'])
