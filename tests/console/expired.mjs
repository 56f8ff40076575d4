// A session that ends in the middle of work: renewed by the cookie without a word, or, when that is over too, by a login after
// which the page, what was typed and what was under way are as they were; in two tabs.
import { check, flow, login } from './browser.mjs'

const [, , , , documents, username, password] = process.argv

await flow(async ({ page, context, base }) => {
  const refreshes = []
  page.on('request', (r) => r.url().endsWith('/auth/refresh') && refreshes.push(r))
  const end = async () => {
    // Ends every session of the user behind the pages' back, as a changed password does.
    const ask = { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ username, password }) }
    const { access_token: token } = await (await fetch(`${base}/api/v1/auth/login`, ask)).json()
    const ended = await fetch(`${base}/api/v1/auth/sessions`, { method: 'DELETE', headers: { Authorization: `Bearer ${token}` } })
    check(ended.ok, 'the other sessions are ended')
  }
  await login(page, username, password)
  await page.getByLabel('Choose files').setInputFiles(`${documents}/two-columns.pdf`)
  await page.getByRole('link', { name: 'Tobias Lindqvist' }).waitFor()

  // The token is refused once to all that ask at the same time: one refresh, and each is repeated.
  const stale = new Set()
  await page.route('**/api/v1/**', async (route) => {
    const headers = route.request().headers()
    const key = `${route.request().method()} ${route.request().url()}`
    if (!route.request().url().includes('/auth/') && !stale.has(key) && stale.size < 2) {
      stale.add(key)
      headers.authorization = 'Bearer no.longer.good'
    }
    await route.continue({ headers })
  })
  refreshes.length = 0
  await page.goto(`${base}/#/scheduler`)
  await page.getByRole('heading', { level: 1, name: 'Scheduler' }).waitFor()
  await page.locator('[aria-busy=true]').first().waitFor({ state: 'detached' })
  check(stale.size === 2, 'two requests were refused')
  check(refreshes.length === 1, `${refreshes.length} refreshes for two refused requests`)
  check(await page.getByRole('alert').count() === 0, 'nobody notices')
  await page.unroute('**/api/v1/**')

  // The session is over while somebody types, in two tabs.
  const second = await context.newPage()
  await second.goto(`${base}/#/account`)
  await second.getByLabel('Full name').fill('Not saved yet')
  await page.goto(`${base}/#/candidates/1`)
  await page.getByRole('button', { name: 'Correct: Name' }).click()
  await page.getByLabel('Name').fill('Tobias L.')
  await end()
  await page.getByText('Your session has ended').waitFor()
  await second.getByText('Your session has ended').waitFor()
  check(await page.getByRole('button', { name: 'Save' }).count() === 0, 'the page behind the login cannot be reached')
  check(await page.getByLabel(/User name/).inputValue() === username, 'the login knows who was there')
  await page.getByLabel('Password').fill(password)
  await page.getByRole('button', { name: 'Log in', exact: true }).click()
  await page.getByText('Your session has ended').waitFor({ state: 'detached' })
  check(await page.getByLabel('Name').inputValue() === 'Tobias L.', 'what was typed is still there')
  check(await page.getByLabel('Name').evaluate((e) => e === document.activeElement), 'one goes on typing where one was')
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByRole('heading', { name: 'Tobias L.' }).waitFor()
  // the other tab goes on by itself, with what was typed there
  await second.getByText('Your session has ended').waitFor({ state: 'detached' })
  check(await second.getByLabel('Full name').inputValue() === 'Not saved yet', 'the second tab kept what was typed')
  await second.getByRole('button', { name: 'Save' }).click()
  await second.getByText('Saved', { exact: true }).waitFor()

  // A logout in one tab closes the other.
  await second.getByRole('button', { name: 'Log out' }).click()
  await page.getByRole('heading', { name: 'Log in to vitae' }).waitFor()
  check(await page.getByText('Tobias').count() === 0, 'nothing is left of the page')
}, {}, ['401'])
