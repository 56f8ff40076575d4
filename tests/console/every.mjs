// Every page as it looks in the light, in the dark, and in the dark on a phone: nothing hangs over the edge, nothing is too faint to
// read, no control is without a name.
import { check, flow, inspect, login } from './browser.mjs'

const [, , , , documents, username, password, link] = process.argv
const looks = {
  '': [{ width: 1280, height: 850 }, 'light'],
  '-dark': [{ width: 1280, height: 850 }, 'dark'],
  '-phone-dark': [{ width: 390, height: 844 }, 'dark']
}
const pages = ['', 'candidates/1', 'candidates/2', 'compare/1/2', 'interviews', 'interviews/1', 'resumes', 'resumes/1', 'jobs', 'jobs/1', 'applications',
  'writing', 'outbox', 'dashboard', 'users', 'teams', 'scheduler', 'features', 'logs', 'audit', 'webhooks', 'backups', 'cleanup', 'keys', 'account']

await flow(async ({ page, base }) => {
  const look = async (name) => {
    for (const [suffix, [size, colorScheme]] of Object.entries(looks)) {
      await page.setViewportSize(size)
      await page.emulateMedia({ colorScheme })
      await page.locator('[aria-busy=true]').first().waitFor({ state: 'detached' })
      await inspect(page, `every-${name}${suffix}`)
      const wide = () => document.documentElement.scrollWidth > innerWidth || [...document.querySelectorAll('main')].some((main) => main.scrollWidth > main.clientWidth)
      check(!(await page.evaluate(wide)), `${name}${suffix} is wider than the window`)
    }
    await page.setViewportSize(looks[''][0])
    await page.emulateMedia({ colorScheme: 'light' })
  }
  await page.goto(`${base}/`)
  await page.getByLabel('Password').waitFor()
  await look('login')
  // A page that comes late, when somebody has gone on already, does not take the place of the next one.
  let release
  const held = new Promise((resolve) => (release = resolve))
  await page.route(/assets\/Candidates-.*\.js/, async (route) => (await held, route.continue()))
  await login(page, username, password)
  await page.getByRole('link', { name: 'Account' }).click()
  await page.getByRole('heading', { level: 1, name: 'Account' }).waitFor()
  const late = page.waitForEvent('requestfinished', (r) => /assets\/Candidates-.*\.js/.test(r.url()))
  release()
  await late
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))))
  check(await page.getByRole('heading', { level: 1, name: 'Account' }).isVisible(), 'the late page does not stand in the way')
  await page.goto(`${base}/#/`)
  await page.getByLabel('Choose files').setInputFiles([`${documents}/two-columns.pdf`, `${documents}/table.docx`])
  for (const name of ['Tobias Lindqvist', /Xiomara/]) await page.getByRole('link', { name }).waitFor()
  for (const path of pages) {
    await page.goto(`${base}/#/${path}`)
    await page.waitForFunction((wanted) => location.hash === `#/${wanted}` && document.querySelector('main h1'), path)
    check(await page.getByRole('alert').count() === 0, `${path || 'candidates'} shows what was asked for`)
    await look(path.replaceAll('/', '-') || 'candidates')
  }
  await page.goto(link)
  await page.getByRole('heading', { level: 1, name: 'Backend engineer' }).waitFor()
  await look('invited')
}, { hasTouch: true })
