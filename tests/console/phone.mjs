// The same pages on a phone, in dark colours: nothing hangs over the edge, nothing is too faint to read.
import { check, flow, inspect, login } from './browser.mjs'

const [, , , , documents, username, password] = process.argv

await flow(async ({ page, base }) => {
  await login(page, username, password)
  await page.getByLabel('Choose files').setInputFiles(`${documents}/two-columns.pdf`)
  await page.getByRole('link', { name: 'Tobias Lindqvist' }).waitFor()
  for (const [name, path] of [['candidates', ''], ['candidate', 'candidates/1'], ['users', 'users'], ['scheduler', 'scheduler'],
    ['dashboard', 'dashboard'], ['teams', 'teams'],
    ['webhooks', 'webhooks'], ['keys', 'keys'], ['resumes', 'resumes'], ['jobs', 'jobs'], ['applications', 'applications'],
    ['writing', 'writing'], ['outbox', 'outbox'], ['logs', 'logs'], ['audit', 'audit'], ['account', 'account'], ['features', 'features']]) {
    await page.goto(`${base}/#/${path}`)
    await page.getByRole('heading', { level: 1 }).waitFor()
    await page.locator('[aria-busy=true]').first().waitFor({ state: 'detached' })
    await inspect(page, `${name}-phone-dark`)
    check(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${name} is wider than the phone`)
  }
}, { viewport: { width: 390, height: 844 }, colorScheme: 'dark', hasTouch: true })
